"""Reminders of appointments. The text is rendered only for sending: its links act without signing in, and what it
reminds of may have changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments import rules
from app.appointments.labels import day_of, hour_of, place_kind, service_name, zone_name
from app.appointments.queries.own import OwnAppointment, may_act_for
from app.appointments.queries.reminded import RemindedAppointment, reminded_appointment, reminded_appointments
from app.identity.models import Account
from app.kernel import clock
from app.kernel.actor import Assurance, Channel, Citizen, Device
from app.kernel.i18n import gettext as _
from app.kernel.i18n import use_language
from app.kernel.problems import Problem
from app.notifications import contacts, preloaded
from app.notifications.composers.notices import CITIZEN, MessageText, address_of
from app.notifications.contacts import SMS
from app.notifications.gsm import one_part
from app.notifications.models import Message, Reminder, ReminderPreference
from app.notifications.reminder_rules import Decision, Moment, decide
from app.notifications.reminder_tokens import LINK_PAGE, Purpose, sign_link
from app.places.settings import agency_settings
from app.registry.models import Person

REMINDER = "appointment.reminder"


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder, locked, its appointment as it is now, and what becomes of it."""

    reminder: Reminder
    own: OwnAppointment
    booked_by: UUID | None
    """The citizen who booked it for the person."""
    confirmed_start_at: datetime | None
    decision: Decision


async def preload(session: AsyncSession, reminder_ids: Sequence[UUID], recipients: Sequence[UUID] = ()) -> None:
    """Lock some reminders and read all that they are composed from at once, for `load` and `text_of`."""
    wanted = select(Reminder).where(Reminder.id.in_(reminder_ids)).order_by(Reminder.id).with_for_update()
    rows = (await session.scalars(wanted)).all()
    found = await reminded_appointments(session, [(one.unit_id, one.appointment_id) for one in rows])
    about = {id_ for one in found.values() for id_ in (one.own.person_id, one.booked_by) if id_ is not None}
    for model in (Account, Person, ReminderPreference):
        await preloaded.preload(session, model, {*about, *recipients})
    for reminder in rows:
        if reminder.appointment_id in found:
            preloaded.put(session, Reminded, reminder.id, _reminded(reminder, found[reminder.appointment_id]))


async def load(session: AsyncSession, reminder_id: UUID) -> Reminded | None:
    """Return a reminder, locked, with its appointment; None if there is none."""
    known = preloaded.peek(session, Reminded, reminder_id)
    if known is not None:
        return known
    reminder = await session.get(Reminder, reminder_id, with_for_update=True)
    if reminder is None:
        return None
    return _reminded(reminder, await reminded_appointment(session, reminder.unit_id, reminder.appointment_id))


def _reminded(reminder: Reminder, found: RemindedAppointment) -> Reminded:
    own = found.own
    is_open = own.status == rules.Status.BOOKED and own.affected is None and own.start_at == reminder.start_at
    becomes = decide(
        reminder.start_at,
        Moment(reminder.moment),
        own.timezone,
        now=clock.now(),
        is_open=is_open,
        changed_at=own.changed_at,
    )
    return Reminded(reminder, own, found.booked_by, found.confirmed_start_at, becomes)


async def text_of(session: AsyncSession, message: Message) -> tuple[Decision, MessageText | None]:
    """Render a reminder's message if it is still to be sent, with what becomes of it."""
    found = await load(session, message.event_id)
    if found is None:
        return Decision.DROP, None
    if found.decision is not Decision.SEND:
        return found.decision, None
    if not await is_recipient(session, message, found.own):
        return Decision.DROP, None
    reader = contacts.Recipient(message.person_id, message.channel, message.recipient, message.language)
    acts = not await contacts.is_frozen(session, message.person_id, found.own.person_id)
    name = await contacts.name_of(session, found.own.person_id)
    if not await contacts.is_full(session, reader):
        name = ""
    with use_language(message.language):
        if not acts:
            return Decision.SEND, without_links(found.own, name=name, channel=message.channel)
        return Decision.SEND, about_reminder(
            found.own, message.id, language=message.language, name=name, channel=message.channel
        )


async def is_recipient(session: AsyncSession, message: Message, own: OwnAppointment) -> bool:
    """Whether who a message was sent to may still know of the appointment, at that contact."""
    reader = contacts.Recipient(message.person_id, message.channel, message.recipient, message.language)
    if not await contacts.is_current(session, reader, own.person_id):
        return False
    return await may_know(session, message.person_id, own)


async def may_know(session: AsyncSession, person_id: UUID, own: OwnAppointment) -> bool:
    """Whether it is the person's appointment, or of someone whom they act for now."""
    if person_id == own.person_id:
        return True
    return await may_act_for(session, as_citizen(person_id, own), own.person_id)


def as_citizen(person_id: UUID, own: OwnAppointment, device: Device | None = None) -> Citizen:
    """The person a message was sent to: reading it proves as much as a code to this contact. For someone else they act
    as at the level that messages about others need."""
    assurance = Assurance.LOW if person_id == own.person_id else Assurance.FULL
    return Citizen(person_id, Channel.WEB, device=device, assurance=assurance)


def subject_of(own: OwnAppointment) -> str:
    """The subject, which shows on lock screens."""
    values = {"day": day_of(own.start_at, own.timezone), "hour": hour_of(own.start_at, own.timezone)}
    return _("Recordatorio de su cita: %(day)s, %(hour)s") % values


def about_reminder(own: OwnAppointment, message_id: UUID, *, language: str, name: str, channel: str) -> MessageText:
    """Render the reminder, in the current language, with a link for each thing that can still be done."""

    def link(purpose: Purpose) -> str:
        return address_of(language, f"{LINK_PAGE}/{sign_link(purpose, message_id)}")

    day, hour = day_of(own.start_at, own.timezone), hour_of(own.start_at, own.timezone)
    values = {"day": day, "hour": hour, "unit": own.unit_name, "folio": own.folio}
    subject = subject_of(own)
    if channel == SMS:
        url = link(Purpose.ANSWER)
        text = _("Su cita: %(day)s %(hour)s, %(unit)s. Diga si va: %(url)s") % (values | {"url": url})
        return MessageText(subject, one_part(text, [own.unit_name, day]), url)
    lines = [*_opening(own, name), "", _("Sí voy: %(url)s") % {"url": link(Purpose.CONFIRM)}]
    if is_changeable(own):
        if not own.is_left_behind:
            lines += ["", _("Quiero otro horario: %(url)s") % {"url": link(Purpose.MOVE)}]
        lines += ["", _("No puedo ir: %(url)s") % {"url": link(Purpose.CANCEL)}]
    lines += [
        "",
        _("Cada enlace abre una página con un botón; antes de oprimirlo no cambia nada. No los comparta."),
        _("Llegue 15 minutos antes con una identificación."),
    ]
    return MessageText(subject, "\n".join(lines), link(Purpose.CONFIRM))


def without_links(own: OwnAppointment, *, name: str, channel: str) -> MessageText:
    """Render the reminder for the registry's contact while an account is frozen: what may be changed is at a desk."""
    if channel == SMS:
        day, hour = day_of(own.start_at, own.timezone), hour_of(own.start_at, own.timezone)
        values = {"day": day, "hour": hour, "unit": own.unit_name, "phone": agency_settings().help_phone}
        text = _("Su cita: %(day)s %(hour)s, %(unit)s. Si no puede ir, llame al %(phone)s.") % values
        return MessageText(subject_of(own), one_part(text, [own.unit_name, day]))
    lines = [
        *_opening(own, name),
        "",
        _("La cuenta está detenida: para mover o cancelar la cita llame al %(phone)s o vaya a la recepción.")
        % {"phone": agency_settings().help_phone},
        _("Llegue 15 minutos antes con una identificación."),
    ]
    return MessageText(subject_of(own), "\n".join(lines))


def _opening(own: OwnAppointment, name: str) -> list[str]:
    """What the appointment is."""
    zone = own.timezone
    return [
        _("Le recordamos su cita."),
        "",
        *([_("Para: %(name)s") % {"name": name}] if name else []),
        _("Motivo: %(service)s") % {"service": service_name(own.service)},
        _("Día: %(day)s") % {"day": day_of(own.start_at, zone)},
        _("Hora: %(hour)s (%(zone)s)") % {"hour": hour_of(own.start_at, zone), "zone": zone_name(zone)},
        _("Lugar: %(place)s") % {"place": ", ".join(part for part in (own.unit_name, own.address) if part)},
        f"{place_kind(own.service)}: {own.room}",
        _("Folio: %(folio)s") % {"folio": own.folio},
    ]


def is_changeable(own: OwnAppointment) -> bool:
    """Whether the person may still move or cancel it."""
    try:
        rules.require_changeable(
            own.service, own.status, rules.Action.CANCEL, CITIZEN, start_at=own.start_at, now=clock.now()
        )
    except Problem:
        return False
    return True
