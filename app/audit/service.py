"""Queries of the access log by administrators; each is recorded as an event and as an access to the people shown."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import own_appointment
from app.audit.events import AccessLogViewed
from app.identity.service.staff_accounts import staff_by_username
from app.kernel import ids
from app.kernel.actor import Staff
from app.kernel.events import record
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Invalid, NotFound
from app.registry.access_history import NamedView, ViewFilter, find_views
from app.registry.access_log import ViewContext, record_views
from app.registry.sign_in import find_person, parse_identifier
from app.requests.queries.people import person_for_work, person_of_folio


async def accesses(
    session: AsyncSession, actor: Staff, wanted: ViewFilter, *, limit: int, after: UUID | None = None
) -> list[NamedView]:
    """List accesses, latest first, within the actor's units; returns one row more than `limit` if there are more.

    Raises:
        NotFound: the person isn't one of the actor's units.
    """
    await record_look_up(session, actor, wanted)
    shown: dict[UUID, UUID | None] = {}
    if wanted.person_id is not None:
        person = await person_for_work(session, actor, wanted.person_id)
        shown[person.id] = person.unit_id
    rows = await find_views(session, replace(wanted, unit_ids=actor.unit_ids), limit=limit + 1, after=after)
    record_views(actor, ViewContext.ACCESS_LOG, shown | {row.person_id: row.unit_id for row in rows[:limit]})
    return rows


async def record_look_up(session: AsyncSession, actor: Staff, wanted: ViewFilter) -> None:
    """Record the actor's query of the access log and its parameters."""
    viewed = AccessLogViewed(
        subject_id=actor.staff_id, about_person_id=wanted.person_id, about_reader_id=wanted.reader_id
    )
    await record(session, actor, viewed)


async def person_meant(session: AsyncSession, actor: Staff, typed: str, field: str) -> UUID:
    """Resolve a CURP, an NSS, or the folio of a request or appointment to a person.

    Raises:
        Invalid: it is none of these, or no one's of the actor's units.
    """
    found = await _by_folio(session, actor, typed)
    if found is None:
        try:
            person = await find_person(session, parse_identifier(typed))
        except ValueError as error:
            raise _wrong(field, N_("Escriba una CURP, un NSS o un folio completo."), "wrong_identifier") from error
        found = person.id if person else None
    try:
        if found is not None:
            return (await person_for_work(session, actor, found)).id
    except NotFound:
        pass
    raise _wrong(field, N_("No hay una persona con ese dato."), "unknown_person")


async def _by_folio(session: AsyncSession, actor: Staff, typed: str) -> UUID | None:
    """Return the person of a request or appointment; None if the folio is neither's."""
    try:
        folio = ids.parse_folio(typed)
    except ValueError:
        return None
    found = await person_of_folio(session, folio)
    if found is not None:
        return found
    try:
        return (await own_appointment(session, actor, folio)).person_id
    except NotFound:
        return None


async def reader_meant(session: AsyncSession, username: str, field: str) -> UUID:
    """Resolve a user name to a member of staff.

    Raises:
        Invalid: there is none.
    """
    try:
        return (await staff_by_username(session, username)).id
    except NotFound as error:
        raise _wrong(field, N_("No hay nadie con ese nombre de usuario."), "unknown_user") from error


def _wrong(field: str, message: str, code: str) -> Invalid:
    return Invalid(fields=[FieldError(field, message, code)])


def require_subject(given: Mapping[str, object], field: str) -> None:
    """Refuse an unfiltered query.

    Raises:
        Invalid: neither whose data nor a reader is given.
    """
    if not any(given.values()):
        raise _wrong(field, N_("Escriba de quién son los datos, quién los vio, o las dos cosas."), "missing")
