"""How people answer: that they will come, that they take the time offered instead, or that they won't come."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import OwnAppointment, own_appointment
from app.appointments.queries.rebooking import open_offer
from app.appointments.service import answers, reschedule
from app.appointments.service.confirmation import confirm
from app.identity.dependencies import ServedCitizenApi
from app.interop.fhir.api.operations import OptionalKey
from app.interop.fhir.api.places import Id
from app.interop.fhir.appointment_search import family_appointments, is_searched, page_of
from app.interop.fhir.booking import facts_of, facts_of_result
from app.interop.fhir.bundles import searchset
from app.interop.fhir.exchange import NEGOTIATED, answer, read_resource, search_of, wants_minimal
from app.interop.fhir.inclusion import included
from app.interop.fhir.parameters import reference_id
from app.interop.fhir.problems import ChangeNotSupported
from app.interop.fhir.resources.appointments import Facts, answer_of, appointment, appointment_response
from app.interop.fhir.search import Search
from app.interop.fhir.systems import PATH, base
from app.kernel.actor import Citizen
from app.kernel.http.parameters import Read, Tx
from app.kernel.http.responses import request_fingerprint
from app.kernel.i18n import N_
from app.kernel.idempotency import IdempotencyRequest
from app.kernel.ids import new_secret
from app.kernel.paging import decode_cursor, encode_cursor, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import FieldError, Invalid
from app.registry.access_log import ViewContext, record_views
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[RECORDS_VIEWS, NEGOTIATED])


@router.get("/AppointmentResponse/{id_}")
async def get_appointment_response(actor: ServedCitizenApi, read: Read, id_: Id) -> Response:
    """The answer of the person of an appointment, as it stands: its id is the appointment's."""
    facts = facts_of(await own_appointment(read, actor, id_))
    _record(actor, [facts])
    return answer(appointment_response(facts))


@router.get("/AppointmentResponse")
@router.post("/AppointmentResponse/_search")
async def search_appointment_responses(actor: ServedCitizenApi, read: Read, request: Request) -> Response:
    """Of the person's appointments and their dependants'."""
    search, items = await search_of(request, "AppointmentResponse")
    of_person = Search(terms=tuple(search.of("actor", "patient")))
    found = [one for one in await family_appointments(read, actor, of_person) if _is_searched(one, search)]
    place = position_after(decode_cursor(search.cursor) if search.cursor else None, str)
    page, last = page_of(found, search.count, place[0] if place else None)
    _record(actor, list(page))

    async def read_appointment(id_: str) -> dict[str, Any]:
        return appointment(facts_of(await own_appointment(read, actor, id_)))

    shown = [appointment_response(one) for one in page]
    more = await included(shown, search.includes, {"Appointment": read_appointment})
    next_cursor = encode_cursor(last) if last is not None else None
    made = searchset(
        "AppointmentResponse", search, shown, total=len(found), next_cursor=next_cursor, included=more, items=items
    )
    return answer(made)


def _is_searched(facts: Facts, search: Search) -> bool:
    for term in search.of("appointment"):
        if facts.id not in term.references("Appointment"):
            return False
    for term in search.of("part-status"):
        if any(token.value == answer_of(facts) for token in term.tokens()) is (term.modifier == "not"):
            return False
    return is_searched(facts, Search(), None)


@router.post("/AppointmentResponse")
async def create_appointment_response(
    actor: ServedCitizenApi, tx: Tx, request: Request, key: OptionalKey = None
) -> Response:
    """Answer for oneself or a dependant: `accepted`, or `declined`."""
    sent = await read_resource(request, "AppointmentResponse")
    reference = sent.get("appointment")
    folio = reference_id(reference, "Appointment") if isinstance(reference, dict) else None
    if folio is None:
        raise Invalid(fields=[FieldError("appointment", N_("Falta este dato."), "missing")])
    own = await own_appointment(tx, actor, folio)
    once = IdempotencyRequest(key or new_secret(16), await request_fingerprint(request))
    facts = await _answered(tx, actor, own, sent, once)
    _record(actor, [facts])
    location = {"Location": f"{base()}/AppointmentResponse/{facts.id}"}
    return answer(appointment_response(facts), 201, location, minimal=wants_minimal(request))


async def _answered(
    tx: AsyncSession, actor: Citizen, own: OwnAppointment, sent: dict[str, Any], once: IdempotencyRequest
) -> Facts:
    """Record what the answer says, by the use case that it is.

    Raises:
        ChangeNotSupported: it is neither yes nor no, or is to a time that isn't offered. Problem: the use case's.
    """
    status = sent.get("participantStatus")
    if status == "declined":
        done = await reschedule.cancel(tx, actor, own.folio, "other", once)
        return facts_of_result(done.value, "other")
    if status != "accepted":
        raise ChangeNotSupported(
            detail=N_("Se puede contestar accepted o declined."),
            fields=[FieldError("participantStatus", NO_ANSWER, "not_supported")],
        )
    start_at = own.start_at
    if "start" in sent:
        try:
            start_at = iso_instant(str(sent["start"]))
        except ValueError as error:
            raise Invalid(fields=[FieldError("start", NO_ANSWER, "not_supported")]) from error
    if start_at == own.start_at:
        return replace(facts_of(await confirm(tx, actor, own.folio)), confirmed=True)
    offer = await open_offer(tx, own.unit_id, own.id)
    if offer is None or offer.to_start_at != start_at:
        raise ChangeNotSupported(fields=[FieldError("start", NO_ANSWER, "not_supported")])
    accepted = await answers.accept(tx, actor, own.folio, once)
    return facts_of_result(accepted.value)


NO_ANSWER = N_("El valor no es válido.")


def _record(actor: Citizen, found: list[Facts]) -> None:
    shown = {one.person_id: one.unit_id for one in found if one.person_id is not None}
    record_views(actor, ViewContext.APPOINTMENT, shown)
