"""Appointments: read and search, make, move and cancel."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response

from app.appointments.queries.own import may_act_for, own_appointment
from app.appointments.queries.slots import slot_now
from app.appointments.service import holds, reschedule
from app.appointments.service.reschedule import NewTime
from app.identity.dependencies import LowPersonApi, LowPersonToken, PersonToken
from app.interop.fhir import identifiers
from app.interop.fhir.api.operations import OptionalKey
from app.interop.fhir.api.patients import shown_patient
from app.interop.fhir.api.places import Id
from app.interop.fhir.appointment_search import family_appointments, page_of, unit_appointments
from app.interop.fhir.booking import (
    Keys,
    book_proposal,
    conditional_key,
    created_before,
    facts_of,
    facts_of_result,
    hold_proposal,
    pending,
    require_valid,
)
from app.interop.fhir.bundles import searchset
from app.interop.fhir.changes import Cancellation, Confirmation, Move, change_of
from app.interop.fhir.dependencies import AppointmentReader
from app.interop.fhir.exchange import (
    JSON_PATCH,
    JSON_TYPES,
    MERGE_PATCH,
    NEGOTIATED,
    answer,
    media_type,
    read_json,
    read_resource,
    read_version,
    search_of,
    version_in,
    wants_minimal,
)
from app.interop.fhir.inclusion import included
from app.interop.fhir.parameters import reference_id
from app.interop.fhir.patches import merged, patched, tests_version
from app.interop.fhir.problems import ChangeNotSupported, FormatNotSupported, ResourceUnreadable, SearchNotSupported
from app.interop.fhir.reading import public_reads
from app.interop.fhir.resources.appointments import Facts, appointment
from app.interop.fhir.systems import PATH, base, folio_system
from app.kernel.actor import Actor, Citizen, Client, Staff
from app.kernel.db import Db, grouped_statements, raw_connection
from app.kernel.etags import Versions, require_version
from app.kernel.http.parameters import IfMatch, Read
from app.kernel.http.responses import request_fingerprint
from app.kernel.i18n import N_
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.ids import new_secret
from app.kernel.paging import decode_cursor, encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid, KeyReused, NotFound
from app.registry.access_log import ViewContext, record_views, record_views_now
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[NEGOTIATED])
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]
NOT_OF_SLOT = N_("Esa no es la hora del horario (slot).")
IfNoneExist = Annotated[str | None, Header(alias="If-None-Exist", max_length=300)]


async def _find(db: Db, actor: Actor, id_: str) -> Facts:
    """An appointment of the actor's: booked, or a time that is proposed or held.

    Raises:
        NotFound: there is none, or it isn't theirs.
    """
    if not identifiers.is_proposal_id(id_):
        return facts_of(await own_appointment(db, actor, id_))
    proposal = identifiers.parse_proposal_id(id_)
    if not await may_act_for(db, actor, proposal.person_id):
        raise NotFound
    now = await slot_now(db, proposal.place, proposal.person_id)
    if now is None or not (now.seats or now.hold_id or now.folio):
        raise NotFound
    if now.folio is not None:
        return facts_of(await own_appointment(db, actor, now.folio))
    return pending(proposal, now, now.held_until)


@router.get("/Appointment/{id_}", dependencies=[RECORDS_VIEWS])
async def get_appointment(actor: LowPersonApi, read: Read, id_: Id, if_none_match: IfNoneMatch = None) -> Response:
    """One of the person or of a dependant. Its ETag is the version to send in If-Match when changing it."""
    facts = await _find(read, actor, id_)
    _record(actor, [facts])
    if if_none_match is not None and facts.version is not None:
        tags = {one.strip().removeprefix("W/").strip('"') for one in if_none_match.split(",")}
        if str(facts.version) in tags:
            return Response(status_code=304, headers={"ETag": f'W/"{facts.version}"'})
    return answer(appointment(facts))


def _record(actor: Citizen | Staff | Client, found: list[Facts]) -> None:
    shown = {one.person_id: one.unit_id for one in found if one.person_id is not None}
    record_views(actor, ViewContext.APPOINTMENT, shown)


@router.get("/Appointment", dependencies=[RECORDS_VIEWS])
@router.post("/Appointment/_search", dependencies=[RECORDS_VIEWS])
async def search_appointments(actor: AppointmentReader, read: Read, request: Request) -> Response:
    """Of the person and their dependants, latest first; for a client, of a day at a unit."""
    search, items = await search_of(request, "Appointment")
    if isinstance(actor, Client):
        found = await unit_appointments(read, actor, search)
    else:
        found = await family_appointments(read, actor, search)
    place = position_after(decode_cursor(search.cursor) if search.cursor else None, str)
    page, last = page_of(found, search.count, place[0] if place else None)
    _record(actor, list(page))
    shown = [appointment(one) for one in page]
    reads = dict(public_reads(read))
    if isinstance(actor, Citizen):
        reads["Patient"] = lambda id_: shown_patient(read, actor, id_)
    more = await included(shown, search.includes, reads)
    next_cursor = encode_cursor(last) if last is not None else None
    made = searchset(
        "Appointment", search, shown, total=len(found), next_cursor=next_cursor, included=more, items=items
    )
    return answer(made)


@router.post("/Appointment")
async def create_appointment(
    token: LowPersonToken, request: Request, key: OptionalKey = None, if_none_exist: IfNoneExist = None
) -> Response:
    """Book the time of a slot (`status` booked), or hold it (pending). With If-None-Exist, once for what it names."""
    sent = await read_resource(request, "Appointment")
    proposal, status = _asked(token, sent)
    hot = grouped_statements()
    keys = Keys(key, await request_fingerprint(request))
    if if_none_exist is not None:
        keys = conditional_key(if_none_exist)
        existing = await _existing(hot, token, if_none_exist, keys)
        if existing is not None:
            if existing.person_id != proposal.person_id:
                raise KeyReused  # by staff: a person's appointment is none of another's
            return await _changed(token.actor, existing, request)
    if status == "pending":
        facts, is_new = await hold_proposal(hot, token, proposal, keys), True
    else:
        facts, is_new = await book_proposal(hot, token, proposal, keys)
    location = {"Location": f"{base()}/Appointment/{facts.id}"}
    return await _changed(token.actor, facts, request, 201 if is_new else 200, location)


async def _existing(db: Db, token: PersonToken, if_none_exist: str, keys: Keys) -> Facts | None:
    """The appointment that a condition names: one of this folio, or the one that was made under it.

    Raises:
        SearchNotSupported: it isn't `identifier=system|value`.
    """
    name, _equals, value = if_none_exist.partition("=")
    system, bar, identifier = value.rpartition("|")
    if name != "identifier" or not bar or not identifier or "&" in value:
        raise SearchNotSupported(names="If-None-Exist")
    await require_valid(db, token)
    if system == folio_system():
        try:
            return facts_of(await own_appointment(db, token.actor, identifier))
        except NotFound:
            return None
    made = await created_before(db, token.actor, keys)
    return facts_of(await own_appointment(db, token.actor, made.folio)) if made is not None else None


def _asked(token: PersonToken, sent: dict[str, Any]) -> tuple[identifiers.Proposal, str]:
    """The time and person of a new appointment, and whether it is to be booked or held.

    Raises:
        Invalid: one is missing, or can't be.
    """
    wrong = []
    status = sent.get("status")
    if status not in ("booked", "pending"):
        wrong.append(FieldError("status", N_("Elija una de estas opciones: booked, pending."), "enum"))
    slots = sent.get("slot")
    first = slots[0] if isinstance(slots, list) and len(slots) == 1 and isinstance(slots[0], dict) else {}
    place = None
    try:
        place = identifiers.parse_slot_id(reference_id(first, "Slot") or "")
    except ValueError:
        wrong.append(FieldError("slot", N_("Falta este dato."), "missing"))
    if place is not None and not _is_start(sent.get("start"), place.start_at):
        wrong.append(FieldError("start", NOT_OF_SLOT, "not_of_slot"))
    person_id = _patient(token, sent)
    if person_id is None:
        wrong.append(FieldError("participant", N_("Diga para qué persona es."), "missing"))
    if place is None or person_id is None or wrong:
        raise Invalid(fields=wrong)
    return identifiers.Proposal(place, person_id), str(status)


def _is_start(sent: object, start_at: datetime) -> bool:
    """Whether a start is that of the slot, or is left to it."""
    try:
        return sent is None or iso_instant(str(sent)) == start_at
    except ValueError:
        return False


def _patient(token: PersonToken, sent: dict[str, Any]) -> UUID | None:
    """The person who takes part; None: it isn't one."""
    participants = sent.get("participant")
    actors = (
        [one.get("actor") for one in participants if isinstance(one, dict)] if isinstance(participants, list) else []
    )
    ids = [reference_id(one, "Patient") for one in actors if isinstance(one, dict)]
    patients = {id_ for id_ in ids if id_ is not None}
    if not patients:
        return token.actor.person_id if isinstance(token.actor, Citizen) else None
    try:
        return UUID(patients.pop()) if len(patients) == 1 else None
    except ValueError as error:
        raise NotFound from error


@router.put("/Appointment/{id_}")
async def update_appointment(
    actor: LowPersonApi, request: Request, id_: Id, key: OptionalKey = None, if_match: IfMatch = None
) -> Response:
    """Cancel, or move to another slot, on the version in If-Match or, without it, in the resource."""
    sent = await read_resource(request, "Appointment")
    async with raw_connection() as hot:
        facts = await _find(hot, actor, id_)
        version = read_version(if_match, version_in(sent)) if facts.version is not None else None
        once = await _once(request, key)
        changed = await _change(hot, actor, facts, sent, once, version)
    return await _changed(actor, changed, request)


@router.patch("/Appointment/{id_}")
async def patch_appointment(
    actor: LowPersonApi, request: Request, id_: Id, key: OptionalKey = None, if_match: IfMatch = None
) -> Response:
    """The same by JSON Patch or merge patch; a JSON Patch may test `/meta/versionId` instead of sending If-Match."""
    kind = media_type(request.headers.get("content-type", ""))
    if kind not in {JSON_PATCH, MERGE_PATCH, *JSON_TYPES}:
        raise FormatNotSupported
    patch = await read_json(request, kind)
    async with raw_connection() as hot:
        facts = await _find(hot, actor, id_)
        before = appointment(facts)
        after = patched(before, patch) if kind == JSON_PATCH else merged(before, patch)
        if not isinstance(after, dict):
            raise ResourceUnreadable(kind="Appointment")
        named = tests_version(patch) if kind == JSON_PATCH else version_in(patch)
        version = read_version(if_match, named) if facts.version is not None else None
        changed = await _change(hot, actor, facts, after, await _once(request, key), version)
    return await _changed(actor, changed, request)


async def _once(request: Request, key: str | None) -> IdempotencyRequest:
    return IdempotencyRequest(key or new_secret(16), await request_fingerprint(request))


async def _change(
    db: Db, actor: Citizen | Staff, facts: Facts, after: dict[str, Any], once: IdempotencyRequest, version: Versions
) -> Facts:
    """Do what a changed resource asks for, by the use cases of moving, cancelling, booking and releasing."""
    if after.get("id") != facts.id:
        raise ChangeNotSupported(fields=[FieldError("id", N_("Esto no se puede cambiar."), "not_changeable")])
    change = change_of(facts, appointment(facts), after)
    if facts.folio is None:
        return await _change_held(db, actor, facts, change)
    match change:
        case Cancellation(reason):
            done = await reschedule.cancel(db, actor, facts.folio, reason, once, version=version)
            return replace(facts_of_result(done.value, reason), created_at=facts.created_at)
        case Move(room, start_at):
            moved = await reschedule.move(db, actor, facts.folio, NewTime(room, start_at), once, version=version)
            return replace(facts_of_result(moved.value), created_at=facts.created_at)
    require_version(version, facts.version or 0)
    return facts


async def _change_held(db: Db, actor: Citizen | Staff, facts: Facts, change: object) -> Facts:
    """Release what is held, or book it."""
    proposal = identifiers.parse_proposal_id(facts.id)
    if isinstance(change, Cancellation):
        now = await slot_now(db, proposal.place, proposal.person_id)
        if now is not None and now.hold_id is not None:
            await holds.release(db, actor, proposal.person_id, now.hold_id)
        return replace(facts, status="cancelled", held_until=None, cancel_reason=change.reason)
    if isinstance(change, Confirmation):
        booked, _is_new = await book_proposal(db, PersonToken(actor, None), proposal, Keys(None, b""))
        return booked
    return facts


async def _changed(
    actor: Citizen | Staff, facts: Facts, request: Request, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    assert facts.person_id is not None
    await record_views_now(actor, ViewContext.APPOINTMENT, {facts.person_id: facts.unit_id})
    return answer(appointment(facts), status, headers, minimal=wants_minimal(request))
