"""Addresses as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.history.address import database_url, shown


def test_without_a_setting_the_history_is_a_file_in_the_state_folder(tmp_path):
    for nothing in (None, ""):
        assert database_url(nothing, tmp_path) == f"sqlite+aiosqlite:///{tmp_path}/history.db"
    assert Path(shown(database_url(None, Path("state")))).is_absolute()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_a_server_is_reached_by_the_driver_that_does_not_block(scheme):
    url = database_url(f"{scheme}://me:pa%40ss@db:5433/mien?sslmode=require", Path("/state"))
    assert url == "postgresql+asyncpg://me:pa%40ss@db:5433/mien?ssl=require"


def test_a_server_may_be_reached_by_its_socket():
    url = database_url("postgresql://me@/mien?host=/run/postgresql", Path("/state"))
    assert url == "postgresql+asyncpg://me@/mien?host=%2Frun%2Fpostgresql"


def test_a_file_is_named_by_its_absolute_path():
    assert (
        database_url("sqlite:////var/my history.db", Path("/state"))
        == "sqlite+aiosqlite:////var/my history.db"
    )
    assert database_url("sqlite:///kept.db", Path("/state")) == f"sqlite+aiosqlite:///{Path.cwd()}/kept.db"


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("mysql://me:secret@db/mien", "begins with mysql://"),
        ("secret", "is no address"),
        ("postgresql://me:secret@db:port/mien", "is no address"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file.db?mode=secret", "nothing may follow"),
        ("postgresql://me:secret@db/mien?target_session_attrs=any", "target_session_attrs"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_without_the_password(setting, says):
    with pytest.raises(ValueError, match=says) as refused:
        database_url(setting, Path("/state"))
    assert "secret" not in str(refused.value)


def test_a_password_is_not_shown():
    said = shown("postgresql+asyncpg://me:secret@db:5433/mien?ssl=require")
    assert "secret" not in said and "db:5433/mien" in said
    assert shown("sqlite+aiosqlite:////data/history.db") == "/data/history.db"
