"""Messages about booked, rescheduled and cancelled appointments: in the clinic's time zone, with a calendar file."""

from collections.abc import Mapping, Sequence
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
from app.appointments.labels import asked_until, day_of, hour_of, place_kind, place_of, service_name, zone_name
from app.appointments.rebooking import answer_before
from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.i18n import N_
from app.kernel.i18n import gettext as _
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
)
from app.notifications.contacts import EMAIL, SMS, Recipient
from app.notifications.gsm import one_part
from app.places.queries import unit_by_id

BOOKED, MOVED, CANCELLED = AppointmentBooked.type, AppointmentMoved.type, AppointmentCancelled.type
AFFECTED, REINSTATED = AppointmentAffected.type, AppointmentReinstated.type
KINDS = (BOOKED, MOVED, CANCELLED, AFFECTED, REINSTATED)
UNIT_CLOSED = "unit"
REBOOKED = "rebooked"
"""Why one is cancelled whose person accepted another in its place: that one's message says all, and this one's is for
calendars, which follow by mail."""
SUBJECTS = {
    BOOKED: N_("Cita confirmada: %(day)s, %(hour)s"),
    MOVED: N_("Su cita cambió: %(day)s, %(hour)s"),
    CANCELLED: N_("Cita cancelada: %(day)s, %(hour)s"),
    AFFECTED: N_("No podremos atender su cita: %(day)s, %(hour)s"),
    REINSTATED: N_("Su cita sigue en pie: %(day)s, %(hour)s"),
}
OPENINGS = {
    BOOKED: N_("La cita quedó reservada."),
    MOVED: N_("La cita tiene un horario nuevo. El anterior ya no vale."),
    CANCELLED: N_("La cita quedó cancelada. No hace falta que vaya."),
    AFFECTED: N_("La clínica no va a atender a esa hora. Elija otro horario o cancele la cita; lo sentimos."),
    REINSTATED: N_("Le avisamos que la clínica no atendería a esa hora. Sí va a atender: vaya como estaba previsto."),
}
REPLACED = N_("Aceptó otra cita en lugar de esta, que quedó cancelada.")
# Text messages show on lock screens: no service, which may reveal an illness, and no name.
SHORT = {
    BOOKED: N_("Cita confirmada: %(day)s %(hour)s, %(unit)s, %(room)s. Folio %(folio)s"),
    MOVED: N_("Su cita cambió: %(day)s %(hour)s, %(unit)s, %(room)s. Folio %(folio)s"),
    CANCELLED: N_("Cita cancelada: %(day)s %(hour)s, %(unit)s. Folio %(folio)s"),
    AFFECTED: N_("La clínica no atenderá su cita: %(day)s %(hour)s, %(unit)s. Muévala o cancélela. Folio %(folio)s"),
    REINSTATED: N_("Su cita sigue en pie: %(day)s %(hour)s, %(unit)s, %(room)s. Folio %(folio)s"),
}
OPENING_CHOICES = {
    "move": OPENINGS[AFFECTED],
    "cancel": N_("La clínica está fuera de operación y no podrá atenderle. Cancele la cita; lo sentimos."),
    "none": N_("La clínica no va a atender a esa hora; lo sentimos. No hace falta que vaya."),
    "accept": N_("La clínica no va a atender a esa hora; lo sentimos. Le guardamos otro horario."),
}
SHORT_CHOICES = {
    "move": SHORT[AFFECTED],
    "cancel": N_("La clínica no atenderá su cita: %(day)s %(hour)s, %(unit)s. Cancélela. Folio %(folio)s"),
    "none": N_("La clínica no atenderá su cita: %(day)s %(hour)s, %(unit)s. No vaya. Folio %(folio)s"),
    "accept": N_("No atenderemos su cita: %(day)s %(hour)s. Otra guardada: %(new_day)s %(new_hour)s. Folio %(folio)s"),
}
SEE_IT = N_("Aquí puede verla:")
AFFECTED_CHOICES = {
    "move": N_("Muévala a otro horario o cancélela aquí:"),
    "cancel": N_("Cancélela aquí:"),
    "none": SEE_IT,
    "accept": N_("Acéptelo, elija otro o cancele la cita aquí:"),
}
COMING_CHOICES = {
    "move": N_("Llegue 15 minutos antes con una identificación. Si no puede ir, muévala o cancélela aquí:"),
    "cancel": N_("Llegue 15 minutos antes con una identificación. Si no puede ir, cancélela aquí:"),
    "none": N_(
        "Llegue 15 minutos antes con una identificación. Ya no se puede mover ni cancelar en línea. Aquí la ve:"
    ),
}


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
        return Notice(reader, text.subject, text.body, text.link, calendar)

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
    day, hour = day_of(entry.start_at, entry.timezone), hour_of(entry.start_at, entry.timezone)
    service = service_name(entry.service)
    values = {
        "service": service,
        "day": day,
        "hour": hour,
        "unit": entry.unit_name,
        "room": place_of(entry.service, entry.room).lower(),
        "folio": entry.folio,
    }
    if offer is not None:
        values["new_day"] = day_of(offer.start_at, offer.timezone)
        values["new_hour"] = hour_of(offer.start_at, offer.timezone)
    subject = _(SUBJECTS[kind]) % values
    if channel == SMS:
        short = SHORT_CHOICES[choices] if kind == AFFECTED else SHORT[kind]
        shortened = [str(values["new_day"])] if offer is not None else []
        text = one_part(_(short) % values, [*shortened, entry.unit_name, day])
        return MessageText(subject, text, url)
    lines = [
        _(REPLACED if is_replaced else OPENING_CHOICES[choices] if kind == AFFECTED else OPENINGS[kind]),
        "",
        _("Para: %(name)s") % {"name": for_name},
        _("Motivo: %(service)s") % values,
        _("Día: %(day)s") % values,
        _("Hora: %(hour)s (%(zone)s)") % (values | {"zone": zone_name(entry.timezone)}),
        _("Lugar: %(place)s") % {"place": ", ".join(part for part in (entry.unit_name, entry.address) if part)},
        f"{place_kind(entry.service)}: {entry.room}",
        _("Folio: %(folio)s") % values,
    ]
    if offer is not None:
        lines += ["", *_about_offer(offer, entry.service, values)]
    if url is not None:
        lines += ["", *([_(SEE_IT), url] if is_replaced else _what_next(kind, url, choices))]
    return MessageText(subject, "\n".join(lines), url)


def _about_offer(offer: HeldTime, service: str, values: Mapping[str, object]) -> list[str]:
    where = {"place": offer.unit_name, "room": place_of(service, offer.room).lower()}
    deadline = answer_before(offer.reply_by, clock.now())
    return [
        _("Le guardamos este: %(new_day)s, %(new_hour)s.") % values,
        _("En %(place)s, %(room)s.") % where,
        *([asked_until(deadline, offer.timezone)] if deadline is not None else []),
    ]


def _what_next(kind: str, url: str, choices: Choices) -> list[str]:
    if kind == CANCELLED:
        return [_("Si todavía necesita atención, reserve otra cita aquí:"), url]
    if kind == AFFECTED:
        return [_(AFFECTED_CHOICES[choices]), url]
    return [_(COMING_CHOICES[choices]), url]
