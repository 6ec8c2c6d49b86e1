"""Messages of the wait list: a freed time that is offered, and that nothing is offered any more.

The text of an offer is rendered only for sending: its link acts without signing in.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.events import UNREACHED_TASK, WaitEntryEnded, WaitEntryPaused, WaitOfferMade
from app.appointments.labels import day_of, hour_of, place_of, service_name, until_of, zone_name
from app.appointments.queries.wait_list import OfferView, offer_view
from app.kernel import clock
from app.kernel.consumers import Event
from app.kernel.i18n import N_, use_language
from app.kernel.i18n import gettext as _
from app.kernel.jobs import Lane, enqueue_named
from app.kernel.problems import NotFound
from app.notifications import contacts
from app.notifications.composers.notices import (
    MessageText,
    Notice,
    UnaddressedDraft,
    address_of,
    draft_unaddressed,
    for_each,
)
from app.notifications.contacts import SMS, Recipient
from app.notifications.gsm import one_part
from app.notifications.models import Message
from app.notifications.offer_links import OFFER_PAGE, sign_offer_link
from app.places.queries import unit_by_id

OFFER, PAUSED, ENDED = WaitOfferMade.type, WaitEntryPaused.type, WaitEntryEnded.type
KINDS = (OFFER, PAUSED, ENDED)
LOST_RIGHT = "not-eligible"
LIST_PAGE = "/mi/avisos"
PAUSES = {
    "ignored": N_("Le ofrecimos tres horarios y no recibimos respuesta. Dejamos de ofrecerle otros."),
    "unreachable": N_("No pudimos hacerle llegar un aviso. Dejamos de ofrecerle horarios."),
}


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
        return await draft_unaddressed(session, event, lambda: _text_about(event, None))

    def to(reader: Recipient) -> Notice:
        text = _text_about(event, reader)
        return Notice(reader, text.subject, text.body, text.link)

    return for_each(readers, to)


async def _offered(session: AsyncSession, event: Event) -> list[Notice]:
    assert event.person_id is not None
    offer = await offer_view(session, event.subject_id)
    readers = await contacts.find_recipients(session, event.person_id, offer.asked_by, event)
    if not readers:
        await enqueue_named(session, UNREACHED_TASK, lane=Lane.SCHEDULED, offer_id=str(event.subject_id))
    return for_each(readers, lambda reader: Notice(reader, _subject(offer)))


async def pass_over(session: AsyncSession, message: Message) -> None:
    """After the message of an offer failed for good: if no other of it can arrive, the next in order is asked."""
    if message.kind != OFFER:
        return
    others = select(Message.id).where(
        Message.event_id == message.event_id, Message.id != message.id, Message.status != "dead-letter"
    )
    if await session.scalar(others.limit(1)) is None:
        await enqueue_named(session, UNREACHED_TASK, lane=Lane.SCHEDULED, offer_id=str(message.subject_id))


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
    values = {"day": day_of(offer.start_at, offer.timezone), "hour": hour_of(offer.start_at, offer.timezone)}
    return _("Se liberó un horario: %(day)s, %(hour)s") % values


def about_offer(offer: OfferView, *, name: str, channel: str, url: str, address: str | None) -> MessageText:
    """Render an offer, in the current language, with the link to answer it."""
    zone = offer.timezone
    until = until_of(offer.expires_at, zone)
    if channel == SMS:
        values = {"day": day_of(offer.start_at, zone), "hour": hour_of(offer.start_at, zone), "until": until}
        text = _("Se liberó: %(day)s %(hour)s. Conteste antes de %(until)s: %(url)s") % (values | {"url": url})
        return MessageText(_subject(offer), one_part(text, [values["day"]]), url)
    lines = [
        _("Se liberó un horario y usted es la siguiente persona de la lista de espera."),
        "",
        *([_("Para: %(name)s") % {"name": name}] if name else []),
        _("Motivo: %(service)s") % {"service": service_name(offer.service)},
        _("Día: %(day)s") % {"day": day_of(offer.start_at, zone)},
        _("Hora: %(hour)s (%(zone)s)") % {"hour": hour_of(offer.start_at, zone), "zone": zone_name(zone)},
        _("Lugar: %(place)s") % {"place": ", ".join(part for part in (offer.unit_name, address) if part)},
        place_of(offer.service, offer.room),
        "",
        *_instead(offer),
        _("Se lo guardamos hasta %(until)s. Si no contesta, pasa a quien sigue.") % {"until": until},
        "",
        _("Acéptelo o rechácelo aquí: %(url)s") % {"url": url},
        "",
        _("El enlace abre una página con botones; antes de oprimirlos no cambia nada. No lo comparta."),
    ]
    return MessageText(_subject(offer), "\n".join(lines), url)


def _instead(offer: OfferView) -> list[str]:
    if offer.had_start_at is None:
        return []
    had = {"day": day_of(offer.had_start_at, offer.timezone), "hour": hour_of(offer.had_start_at, offer.timezone)}
    return [_("Sería en lugar de su cita del %(day)s, %(hour)s, que se conserva si no lo acepta.") % had]


def _text_about(event: Event, reader: Recipient | None) -> MessageText:
    """That nothing is offered any more, and why. Without a reader, for staff to pass on."""
    if event.type == ENDED:
        subject = _("Salió de la lista de espera")
        body = _("Al ofrecerle un horario vimos que ya no le toca ese servicio en esa clínica, y salió de la lista.")
        next_step = _("Revise su vigencia y su clínica. Si tiene una cita, se conserva.")
    else:
        subject = _("Su lista de espera está en pausa")
        body = _(PAUSES[event.payload["reason"]])
        next_step = _("Conserva su lugar: para que le ofrezcamos otra vez, reanúdela.")
    if reader is None:
        return MessageText(subject, f"{body}\n{next_step}")
    url = address_of(reader.language, LIST_PAGE)
    if reader.channel == SMS:
        short = _("Su lista de espera está en pausa. Para reanudarla: %(url)s")
        if event.type == ENDED:
            short = _("Salió de la lista de espera: ya no le toca ese servicio en esa clínica. %(url)s")
        return MessageText(subject, one_part(short % {"url": url}, []), url)
    return MessageText(subject, f"{body}\n\n{next_step}\n{url}", url)
