"""Which installation this database is, so that what lies outside of it (files in a store) knows whose it is.

A copy of a database has the same installation id, so the id alone isn't enough: a restore drill would take the files of
the original for its own. With it goes the identity of the database in its server, which a copy doesn't share and a
standby that takes over does.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Installation(Base):
    """The one row that names this installation, made by the migration."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("is_only", name="only_one"),)

    is_only: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=text("true"))
    id: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))


@dataclass(frozen=True, slots=True)
class Identity:
    """An installation's id, and the database that holds its rows: its server's system identifier and its own number."""

    installation: UUID
    database: str


_ID = text("SELECT id FROM installation")
_MAY_ASK = text("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')")
_SERVER = text("SELECT system_identifier FROM pg_control_system()")
_DATABASE = text("SELECT oid FROM pg_database WHERE datname = current_database()")


async def database_identity(session: AsyncSession) -> Identity:
    """The identity of the database of this session. If the server doesn't disclose its identity, only the database's
    number and name stand in for it."""
    installation = (await session.execute(_ID)).scalar_one()
    number = (await session.execute(_DATABASE)).scalar_one()
    may_ask = (await session.execute(_MAY_ASK)).scalar_one()
    server = (await session.execute(_SERVER)).scalar_one() if may_ask else "unknown"
    return Identity(installation, f"{server}/{number}")
