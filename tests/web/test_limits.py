"""Limits over HTTP: too much is turned away with the time to wait, and files of the page are not counted."""

from __future__ import annotations

import pytest

from tests.web.test_api import error_of
from web.limits import Limits
from web.rates import Rate

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture
def limits():
    return Limits(
        requests=Rate(per_second=0.1, burst=4),
        offers=Rate(per_second=0.1, burst=2),
        messages=None,
    )


async def test_too_many_requests_are_told_when_to_come_back(http):
    for _ in range(4):
        async with http.get("/healthz") as response:
            assert response.status == 200
    async with http.get("/healthz") as response:
        assert 1 <= int(response.headers["Retry-After"]) <= 10
        assert await error_of(response) == (429, "rate_limited")


async def test_too_many_offers_are_turned_away_before_they_are_read(http):
    for _ in range(2):
        async with http.post("/offer", data=b"{") as response:
            assert response.status == 400
    async with http.post("/offer", data=b"{") as response:
        assert await error_of(response) == (429, "rate_limited")


async def test_pictures_and_files_of_the_page_are_not_counted(http):
    for _ in range(10):
        async with http.get("/thumbnails/none.jpg") as response:
            assert response.status == 404
