"""What is wrong with the database, told from what its driver raises: never with what was to be written."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

LOCKED, DAMAGED, FULL, UNREACHABLE = (
    "history_locked",
    "history_damaged",
    "history_full",
    "history_unreachable",
)

RAISED = (
    SQLAlchemyError,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
    OverflowError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
"""All that a database and its driver raise, about themselves or about a record."""

CODES = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_ERROR: DAMAGED,  # a table or a column is missing: our statements are right
    sqlite3.SQLITE_SCHEMA: DAMAGED,
    sqlite3.SQLITE_FULL: FULL,
}
"""SQLite's primary result codes; the others are about files that cannot be read or written.
https://www.sqlite.org/rescode.html"""

RECORDS_FAULT = (
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_RANGE,
    sqlite3.SQLITE_TOOBIG,
)

SQLSTATES = {
    "55P03": LOCKED,
    "57014": LOCKED,
    "40": LOCKED,
    "53100": FULL,
    "XX": DAMAGED,
    "42501": UNREACHABLE,
}
"""PostgreSQL's, by state or class: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

WORDS = {
    LOCKED: "another program holds the history in {where} locked",
    DAMAGED: "the history in {where} is damaged ({why}); it is left as it is: move it away, and a new one is begun",
    FULL: "there is no room left for the history in {where}",
    UNREACHABLE: "the history in {where} cannot be used: {why}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """`code` is stable, `reason` one line for people."""

    code: str
    reason: str


def trouble(error: BaseException, where: str) -> Trouble | None:
    """What is wrong with the database at `where`; None where it is the record that is wrong, or the question."""
    cause: BaseException = error
    if isinstance(error, DBAPIError):
        cause = error.orig if error.orig is not None else error
        cause = cause.__cause__ or cause  # SQLAlchemy's own errors of asyncpg stand before the real ones
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, where)
    if isinstance(cause, OSError):  # TimeoutError too
        return said(UNREACHABLE, where, cause.strerror or str(cause) or "it does not answer")
    if isinstance(cause, asyncpg.PostgresError):
        return _of_postgresql(cause.sqlstate or "", where)
    if isinstance(
        cause, ValueError | TypeError | OverflowError | LookupError | AttributeError
    ):  # asyncpg's DataError too
        return None
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError):
        return None  # a value that SQLAlchemy cannot hand over
    if isinstance(cause, asyncpg.InterfaceError):
        return said(UNREACHABLE, where, "the connection was lost")
    return said(UNREACHABLE, where, type(cause).__name__)


def said(code: str, where: str, why: str = "") -> Trouble:
    """A trouble in words."""
    return Trouble(code=code, reason=WORDS[code].format(where=where, why=why))


def _of_sqlite(error: sqlite3.Error, where: str) -> Trouble | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # raised by the module itself: a value that it cannot hand over
        return None
    primary = code & 0xFF
    if primary in RECORDS_FAULT:
        return None
    return said(CODES.get(primary, UNREACHABLE), where, str(error))


def _of_postgresql(state: str, where: str) -> Trouble | None:
    code = SQLSTATES.get(state) or SQLSTATES.get(state[:2])
    if code is None and state[:2] in ("22", "23", "54"):  # wrong, double or too large
        return None
    if code is None and state[:2] == "42":  # a table or a column is missing: our statements are right
        code = DAMAGED
    return said(code or UNREACHABLE, where, f"PostgreSQL says {state}")
