"""Where the history lies: what people write as `DATABASE_URL`, as SQLAlchemy's async drivers take it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"

DRIVERS = {
    "sqlite": SQLITE,
    SQLITE: SQLITE,
    "postgres": POSTGRESQL,
    "postgresql": POSTGRESQL,
    POSTGRESQL: POSTGRESQL,
}

PARAMETERS = {"host": "host", "port": "port", "ssl": "ssl", "sslmode": "ssl"}
"""What may follow the `?` of a PostgreSQL address, by what its driver calls it."""


def database_url(setting: str | None, state: Path) -> str:
    """The address of the history, from the setting, or of the file `history.db` in the folder `state` without one.

    Raises `ValueError` with a message for people, in which the setting's password is not.
    """
    if not setting:
        return URL.create(SQLITE, database=str((state / "history.db").absolute())).render_as_string(False)
    try:
        url = make_url(setting)
    except (ArgumentError, ValueError) as error:
        raise ValueError("DATABASE_URL is no address: write postgresql://… or sqlite:///path") from error
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise ValueError(
            f"DATABASE_URL begins with {url.drivername}://: write postgresql://… or sqlite:///path"
        )
    url = _file(url) if driver == SQLITE else _server(url)
    return url.set(drivername=driver).render_as_string(hide_password=False)


def shown(url: str) -> str:
    """The address without its password, for people: the path of a file."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return parts.database or "memory"
    return parts.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _file(url: URL) -> URL:
    if url.query:
        raise ValueError("DATABASE_URL: nothing may follow a ? in the address of a file")
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise ValueError("DATABASE_URL names no file: write sqlite:///path")
    return url.set(database=str(Path(url.database).absolute()))


def _server(url: URL) -> URL:
    unknown = sorted(set(url.query) - set(PARAMETERS))
    if unknown:
        raise ValueError(
            f"DATABASE_URL: {', '.join(unknown)} after the ? is not known here; {', '.join(PARAMETERS)} are"
        )
    return url.set(query={PARAMETERS[name]: value for name, value in url.query.items()})
