"""Messages of the wait list: a freed time that is offered, and that nothing is offered any more.

The text of an offer is rendered only for sending: its link acts without signing in.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import UNREACHED_TASK, WaitEntryEnded, WaitEntryPaused, WaitOfferMade
from app.appointments.labels import day_of, hour_of, place_of, service_name, until_of, zone_name
from app.appointments.queries.wait_list import OfferView, offer_view
from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.i18n import use_language
from app.kernel.jobs import Lane, enqueue_named
from app.kernel.problems import NotFound
from app.notifications import contacts
from app.notifications.composers import draws
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    Values,
    address_of,
    draft_unaddressed,
    for_each,
    notice_of,
    say,
)
from app.notifications.contacts import EMAIL, Recipient
from app.notifications.models import Message
from app.notifications.offer_links import OFFER_PAGE, sign_offer_link
from app.notifications.templates import rendering
from app.notifications.templates.store import compiled_in_force
from app.places.queries import unit_by_id

OFFER, PAUSED, ENDED = WaitOfferMade.type, WaitEntryPaused.type, WaitEntryEnded.type
KINDS = (OFFER, PAUSED, ENDED)
LOST_RIGHT = "not-eligible"
LIST_PAGE = "/mi/avisos"
NEVER_ARRIVES = ("dead-letter", "dropped")
PAUSES = {"ignored": "sin_respuesta", "unreachable": "sin_contacto"}
"""The datum of the template for each reason of a pause."""


async def compose(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    """Compose messages to the person and to the citizen who asked for them. Who can't be asked in time is passed over
    at once."""
    if event.person_id is None:
        return []
    if event.type == OFFER:
        return await _offered(session, event)
    if event.type == ENDED and event.payload["reason"] != LOST_RIGHT:
        return []
    readers = await contacts.find_recipients(session, event.person_id, None, event)
    if not readers:
        return await draft_unaddressed(session, event, lambda: about_entry(event, channel=EMAIL, url=None))

    def to(reader: Recipient) -> Notice:
        url = address_of(reader.language, LIST_PAGE)
        return notice_of(reader, about_entry(event, channel=reader.channel, url=url))

    return for_each(readers, to)


async def _offered(session: AsyncSession, event: Event) -> Sequence[Notice | UnaddressedDraft]:
    assert event.person_id is not None
    offer = await offer_view(session, event.subject_id)
    readers = await contacts.find_recipients(session, event.person_id, offer.asked_by, event)
    if not readers:
        await enqueue_named(session, UNREACHED_TASK, lane=Lane.SCHEDULED, offer_id=str(event.subject_id))
        if offer.draw_id is not None:  # a draw asks each once, so that no message about a pause follows
            day = clock.local_day(offer.start_at, offer.timezone)
            return await draft_unaddressed(session, event, lambda: draws.about_missed(day))
    return for_each(readers, lambda reader: Notice(reader, _subject(offer)))


async def pass_over(session: AsyncSession, message: Message) -> None:
    """After a message of an offer failed for good: if no other of it can arrive, the next in order is asked."""
    if message.kind != OFFER:
        return
    others = select(Message.id).where(
        Message.event_id == message.event_id, Message.id != message.id, Message.status.not_in(NEVER_ARRIVES)
    )
    if await session.scalar(others.limit(1)) is None:
        await enqueue_named(session, UNREACHED_TASK, lane=Lane.SCHEDULED, offer_id=str(message.subject_id))


async def open_until(session: AsyncSession, offer_id: UUID) -> datetime | None:
    """Until when an offer can be answered; None if it can't be any more."""
    try:
        offer = await offer_view(session, offer_id)
    except NotFound:
        return None
    return offer.expires_at if offer.is_open(clock.now()) else None


async def text_of(session: AsyncSession, message: Message) -> MessageText | None:
    """Render the message of an offer that can still be answered."""
    try:
        offer = await offer_view(session, message.subject_id)
    except NotFound:
        return None
    if not offer.is_open(clock.now()):
        return None
    reader = Recipient(message.person_id, message.channel, message.recipient, message.language)
    if not await contacts.is_current(session, reader, offer.person_id):
        return None
    unit = await unit_by_id(session, offer.unit_id)
    name = await contacts.name_of(session, offer.person_id) if await contacts.is_full(session, reader) else ""
    with use_language(message.language):
        url = address_of(message.language, f"{OFFER_PAGE}/{sign_offer_link(message.id)}")
        return about_offer(offer, name=name, channel=message.channel, url=url, address=unit.address)


def _subject(offer: OfferView) -> str:
    """The subject, which is stored before the text is rendered."""
    _version, compiled = compiled_in_force(OFFER)
    return rendering.subject_of(compiled, _when(offer))


def _when(offer: OfferView) -> dict[str, str]:
    return {"dia": day_of(offer.start_at, offer.timezone), "hora": hour_of(offer.start_at, offer.timezone)}


def about_offer(offer: OfferView, *, name: str, channel: str, url: str, address: str | None) -> MessageText:
    """Render an offer, in the current language, with the link to answer it."""
    zone, had = offer.timezone, offer.had_start_at
    values: Values = {
        **_when(offer),
        "persona": name,
        "servicio": service_name(offer.service),
        "zona": zone_name(zone),
        "lugar": ", ".join(part for part in (offer.unit_name, address) if part),
        "consultorio": place_of(offer.service, offer.room),
        "dia_que_tiene": day_of(had, zone) if had is not None else None,
        "hora_que_tiene": hour_of(had, zone) if had is not None else None,
        "hasta": until_of(offer.expires_at, zone),
        "de_lista": offer.draw_id is None,
        "de_sorteo": offer.draw_id is not None,
        "enlace": url,
    }
    return say(OFFER, values, channel=channel, link=url)


def about_entry(event: Event, *, channel: str, url: str | None) -> MessageText:
    """That nothing is offered any more, and why, in the current language. Without a link, for staff to pass on."""
    reason = event.payload["reason"]
    flags = {flag: reason == one for one, flag in PAUSES.items()} if event.type == PAUSED else {}
    return say(event.type, {**flags, "enlace_lista": url}, channel=channel, link=url)
