"""Map database errors to what the caller should do: report a Problem, wait, or retry."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel.i18n import N_
from app.kernel.problems import CONSTRAINTS, Invalid, Problem, Unavailable
from app.kernel.raw_connection import DatabaseUnavailable

DATABASE_ERRORS = (SQLAlchemyError, OSError)
"""What a statement fails with, whether the database refused it or can't be reached."""
SERIALIZATION_FAILURE = "40001"
DEADLOCK = "40P01"
UNAVAILABLE = {
    "55P03",  # lock_not_available: the lock timeout
    "57014",  # query_canceled: the statement timeout
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "53300",  # too_many_connections
}
CONNECTION_CLASS = "08"
UNREADABLE = {
    "22021",  # character_not_in_repertoire: a NUL, which no text of the database can hold
    "22P05",  # untranslatable_character: the same inside JSON
}
OUT_OF_RANGE_CLASS = "22"
OUT_OF_RANGE_TEXT = N_("Hay un valor fuera de lo que se puede guardar; revise números y fechas.")
UNREADABLE_TEXT = N_("Hay caracteres que no se pueden guardar; escríbalo otra vez.")


def sqlstate(error: DBAPIError) -> str:
    """Return the SQLSTATE for either driver; empty if there is none."""
    return str(getattr(error.orig, "sqlstate", None) or "")


def constraint_of(error: DBAPIError) -> str:
    """Return the name of the violated constraint; empty if it isn't a violation."""
    cause = getattr(error.orig, "__cause__", None)
    name = getattr(cause, "constraint_name", None) or getattr(error.orig, "constraint_name", None)
    if name is None:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return str(name or "")


def is_retryable(error: BaseException) -> bool:
    """Return whether it is a serialization failure or a deadlock: the same work may succeed if retried."""
    return isinstance(error, DBAPIError) and sqlstate(error) in {SERIALIZATION_FAILURE, DEADLOCK}


def is_disconnect(error: BaseException) -> bool:
    """Return whether the connection was lost: the outcome of a commit in flight is unknown."""
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        unavailable = state in {"57P01", "57P02", "57P03"} or state.startswith(CONNECTION_CLASS)
        return error.connection_invalidated or unavailable
    return isinstance(error, ConnectionError | TimeoutError | PoolTimeout)


def has_hung(error: BaseException) -> bool:
    """Return whether the database was waited for until the limit: again would take as long again."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, TimeoutError | PoolTimeout):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def is_database_unavailable(error: BaseException) -> bool:
    """Return whether the database is unavailable. Time-outs and lost connections to other services don't count."""
    if isinstance(error, DBAPIError):
        return is_disconnect(error)
    return isinstance(error, DatabaseUnavailable | PoolTimeout)


def problem_of(error: BaseException) -> Problem | None:
    """Return the Problem for a database error; None if it is a bug."""
    if isinstance(error, DBAPIError):
        kind = CONSTRAINTS.get(constraint_of(error))
        if kind is not None:
            return kind()
        state = sqlstate(error)
        if state in UNREADABLE:
            return Invalid(detail=UNREADABLE_TEXT)
        if state.startswith(OUT_OF_RANGE_CLASS) or (not state and _refused_by_driver(error)):
            return Invalid(detail=OUT_OF_RANGE_TEXT)
        if state in UNAVAILABLE or is_retryable(error) or is_disconnect(error):
            return Unavailable()
        return None
    return Unavailable() if is_disconnect(error) else None


def _refused_by_driver(error: DBAPIError) -> bool:
    """Return whether the driver could not encode a parameter: a number or date out of the column type's range."""
    return isinstance(error.orig.__cause__ if error.orig else None, asyncpg.DataError | OverflowError | UnicodeError)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate violations of mapped constraints to their Problems inside this block."""
    try:
        yield
    except DBAPIError as error:
        kind = CONSTRAINTS.get(constraint_of(error))
        if kind is None:
            raise
        raise kind from error
