"""The pages that show what is kept: whom they are for, and what is not there."""

from __future__ import annotations

import pytest

from pipeline.history.records import SessionBegan
from tests.web.conftest import FROM_ELSEWHERE

PAGES = ["/library", "/sessions", "/sessions/0a1b", "/monitor"]

pytestmark = pytest.mark.usefixtures("without_engines")


@pytest.fixture(autouse=True)
def kept(history):
    history.put(SessionBegan(session_id="0a1b", kind="call", at=1.8e9))


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_marks_itself_among_the_links_and_has_no_inline_script(http, path):
    async with http.get(path) as response:
        text = await response.text()
    assert (response.status, response.content_type) == (200, "text/html")
    assert text.count('aria-current="page"') == 1 and "<script>" not in text and "style=" not in text
    assert 'data-words="live.own"' not in text


@pytest.mark.parametrize("path", PAGES)
async def test_off_this_machine_the_access_code_comes_first(http, path):
    headers = FROM_ELSEWHERE | {"Accept": "text/html"}
    async with http.get(path, headers=headers, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, f"/code?next={path}")


@pytest.mark.parametrize("path", ["/library", "/sessions", "/monitor"])
async def test_a_caller_is_told_that_they_see_what_is_theirs(lan, operator, path):
    async with lan.get(path) as response:
        assert response.status == 200 and 'data-words="live.own"' in await response.text()
    async with operator.get(path) as response:
        assert response.status == 200 and 'data-words="live.own"' not in await response.text()


async def test_another_callers_session_is_a_page_with_status_404(lan, operator):
    for asker, status in ((lan, 404), (operator, 200)):
        async with asker.get("/sessions/0a1b") as response:
            assert response.status == status


@pytest.mark.slow
@pytest.mark.parametrize("session_id", ["none", "no%20id", "..%2fcode", "x" * 65])
async def test_a_session_that_is_not_there_is_a_page_with_status_404(http, session_id):
    async with http.get(f"/sessions/{session_id}") as response:
        assert (response.status, response.content_type) == (404, "text/html")


async def test_a_page_opens_while_the_history_is_in_trouble(http, history):
    history.broken = True
    async with http.get("/sessions/0a1b") as response:
        assert response.status == 200
