"""What is attacked: the server of the HTTP interface's tests. Each test leaves it well, with no error logged."""

from __future__ import annotations

import logging

import pytest

from tests.web.conftest import (  # noqa: F401
    another,
    app,
    apps,
    chat,
    history,
    http,
    lan,
    limits,
    operator,
    ownership,
    server,
    settings,
    tokens,
    without_engines,
)


@pytest.fixture(autouse=True)
def no_error(caplog):
    """What the server logs as an error fails the test, also where the answer looked right."""
    yield
    said = [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]
    assert said == []
