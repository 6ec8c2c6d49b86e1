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
from app.kernel.i18n import use_language
from app.kernel.problems import Problem
from app.notifications import contacts, preloaded
from app.notifications.composers.notices import CITIZEN, MessageText, Values, address_of, say
from app.notifications.contacts import SMS
from app.notifications.models import Message, Reminder, ReminderPreference
from app.notifications.reminder_rules import Decision, Moment, decide
from app.notifications.reminder_tokens import LINK_PAGE, Purpose, sign_link
from app.notifications.templates import rendering
from app.notifications.templates.store import compiled_in_force
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
    _version, compiled = compiled_in_force(REMINDER)
    return rendering.subject_of(compiled, _when(own))


def _when(own: OwnAppointment) -> dict[str, str]:
    return {"dia": day_of(own.start_at, own.timezone), "hora": hour_of(own.start_at, own.timezone)}


def about_reminder(own: OwnAppointment, message_id: UUID, *, language: str, name: str, channel: str) -> MessageText:
    """Render the reminder, in the current language, with a link for each thing that can still be done."""

    def link(purpose: Purpose) -> str:
        return address_of(language, f"{LINK_PAGE}/{sign_link(purpose, message_id)}")

    can_change = is_changeable(own)
    links: Values = {
        "enlace_si_voy": link(Purpose.CONFIRM),
        "enlace_mover": link(Purpose.MOVE) if can_change and not own.is_left_behind else None,
        "enlace_cancelar": link(Purpose.CANCEL) if can_change else None,
        "enlace_corto": link(Purpose.ANSWER),
    }
    first = link(Purpose.ANSWER if channel == SMS else Purpose.CONFIRM)
    return say(REMINDER, {**_facts(own, name), **links}, channel=channel, link=first)


def without_links(own: OwnAppointment, *, name: str, channel: str) -> MessageText:
    """Render the reminder for the registry's contact while an account is frozen: what may be changed is at a desk."""
    return say(REMINDER, {**_facts(own, name), "telefono": agency_settings().help_phone}, channel=channel)


def _facts(own: OwnAppointment, name: str) -> dict[str, str]:
    """What the appointment is."""
    return {
        **_when(own),
        "persona": name,
        "servicio": service_name(own.service),
        "zona": zone_name(own.timezone),
        "lugar": ", ".join(part for part in (own.unit_name, own.address) if part),
        "unidad": own.unit_name,
        "tipo_de_lugar": place_kind(own.service),
        "numero": str(own.room),
        "folio": own.folio,
    }


def is_changeable(own: OwnAppointment) -> bool:
    """Whether the person may still move or cancel it."""
    try:
        rules.require_changeable(
            own.service, own.status, rules.Action.CANCEL, CITIZEN, start_at=own.start_at, now=clock.now()
        )
    except Problem:
        return False
    return True
