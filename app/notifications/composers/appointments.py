"""Messages about booked, rescheduled and cancelled appointments: in the clinic's time zone, with a calendar file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.events import (
    AppointmentAffected,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentReinstated,
)
from app.appointments.labels import day_of, hour_of, place_kind, place_of, service_name, until_of, zone_name
from app.appointments.rebooking import answer_before
from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.problems import Problem
from app.notifications import contacts
from app.notifications.calendars import CalendarEntry, calendar_file
from app.notifications.composers.notices import (
    CITIZEN,
    MessageText,
    Notice,
    UnaddressedDraft,
    address_of,
    draft_unaddressed,
    for_each,
    is_seen_immediately,
    notice_of,
    say,
)
from app.notifications.contacts import EMAIL, Recipient
from app.places.queries import unit_by_id

BOOKED, MOVED, CANCELLED = AppointmentBooked.type, AppointmentMoved.type, AppointmentCancelled.type
AFFECTED, REINSTATED = AppointmentAffected.type, AppointmentReinstated.type
KINDS = (BOOKED, MOVED, CANCELLED, AFFECTED, REINSTATED)
UNIT_CLOSED = "unit"
TEMPLATE_OF_REPLACED = "appointment.replaced"
REBOOKED = "rebooked"
"""Why one is cancelled whose person accepted another in its place: that one's message says all, and this one's is for
calendars, which follow by mail."""


async def compose(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    """Compose messages to the person and to the citizen who acted for them; for a child, to those they depend on. If
    none of them has a contact, draft a notice for staff."""
    if event.person_id is None:
        return []
    helper = event.actor_id if event.actor_kind == CITIZEN else None
    recipients = await contacts.find_recipients(session, event.person_id, helper, event)
    is_replaced = event.payload.get("reason") == REBOOKED
    if is_replaced:
        recipients = [reader for reader in recipients if reader.channel == EMAIL]
    if not recipients and (is_replaced or is_seen_immediately(event)):
        return []
    entry, name = await _entry_of(session, event), await contacts.name_of(session, event.person_id)
    offer = await _offer_of(session, event)

    if not recipients:
        return await draft_unaddressed(
            session, event, lambda: about_appointment(event.type, entry, for_name=name, channel=EMAIL, url=None)
        )

    def to(reader: Recipient) -> Notice:
        page = "/citas" if event.type == CANCELLED and not is_replaced else f"/citas/{entry.folio}"
        url = address_of(reader.language, page)
        text = about_appointment(
            event.type,
            entry,
            for_name=contacts.name_for(reader, name),
            channel=reader.channel,
            url=url,
            choices="accept" if offer is not None else choices_left(event, entry),
            offer=offer,
            is_replaced=is_replaced,
        )
        calendar = calendar_file(entry, reader.address) if reader.channel == EMAIL else None
        return notice_of(reader, text, calendar)

    return for_each(recipients, to)


async def _entry_of(session: AsyncSession, event: Event) -> CalendarEntry:
    """Return the appointment as the event left it, regardless of later changes."""
    assert event.unit_id is not None
    assert event.service is not None
    unit = await unit_by_id(session, event.unit_id)
    return CalendarEntry(
        appointment_id=event.subject_id,
        folio=event.payload["folio"],
        service=event.service,
        room=event.payload["room"],
        start_at=datetime.fromisoformat(event.payload["start_at"]),
        minutes=event.payload["minutes"],
        unit_name=unit.name,
        address=unit.address,
        timezone=unit.timezone,
        latitude=unit.latitude,
        longitude=unit.longitude,
        version=event.payload.get("version", 1),
        changed_at=event.at,
        cancelled=event.type == CANCELLED,
        affected=event.type == AFFECTED,
    )


@dataclass(frozen=True, slots=True)
class HeldTime:
    """Another time that is held for the person, and until when they are asked."""

    start_at: datetime
    room: int
    unit_name: str
    timezone: str
    reply_by: datetime


async def _offer_of(session: AsyncSession, event: Event) -> HeldTime | None:
    """Return the time that the event offers instead; None where the person chooses one, or is rung at once."""
    given = event.payload
    if event.type != AFFECTED or not given.get("offered_start_at"):
        return None
    unit = await unit_by_id(session, UUID(given["offered_unit_id"]))
    return HeldTime(
        datetime.fromisoformat(given["offered_start_at"]),
        given["offered_room"],
        unit.name,
        unit.timezone,
        datetime.fromisoformat(given["reply_by"]),
    )


Choices = Literal["move", "cancel", "none", "accept"]
"""What the person can still do: reschedule or cancel it, only cancel it, neither, or accept a time that is held."""


def choices_left(event: Event, entry: CalendarEntry) -> Choices:
    """Return the actions that the page would offer now; messages offer no others."""
    now = clock.now()
    try:
        rules.require_changeable(
            entry.service,
            "booked",
            rules.Action.CANCEL,
            CITIZEN,
            start_at=entry.start_at,
            now=now,
            is_affected=event.type == AFFECTED,
        )
    except Problem:
        return "none"
    return "cancel" if event.payload.get("reason") == UNIT_CLOSED else "move"


def about_appointment(
    kind: str,
    entry: CalendarEntry,
    *,
    for_name: str,
    channel: str,
    url: str | None,
    choices: Choices = "move",
    offer: HeldTime | None = None,
    is_replaced: bool = False,
) -> MessageText:
    """Render the message. Without a link, it states what happened only. `is_replaced`: another was accepted instead."""
    values: dict[str, str | bool | None] = {
        "persona": for_name,
        "servicio": service_name(entry.service),
        "dia": day_of(entry.start_at, entry.timezone),
        "hora": hour_of(entry.start_at, entry.timezone),
        "zona": zone_name(entry.timezone),
        "lugar": ", ".join(part for part in (entry.unit_name, entry.address) if part),
        "unidad": entry.unit_name,
        "tipo_de_lugar": place_kind(entry.service),
        "numero": str(entry.room),
        "consultorio": place_of(entry.service, entry.room).lower(),
        "folio": entry.folio,
        "enlace": url,
        "se_puede_mover": choices == "move",
        "solo_se_cancela": choices == "cancel",
        "ya_no_cambia": choices == "none",
    }
    if offer is not None:
        values |= _offered(offer, entry.service)
    return say(TEMPLATE_OF_REPLACED if is_replaced else kind, values, channel=channel, link=url)


def _offered(offer: HeldTime, service: str) -> dict[str, str | bool | None]:
    deadline = answer_before(offer.reply_by, clock.now())
    return {
        "otro_dia": day_of(offer.start_at, offer.timezone),
        "otra_hora": hour_of(offer.start_at, offer.timezone),
        "otra_unidad": offer.unit_name,
        "otro_consultorio": place_of(service, offer.room).lower(),
        "dia_limite": day_of(deadline, offer.timezone) if deadline is not None else None,
        "hora_limite": until_of(deadline, offer.timezone) if deadline is not None else None,
    }
