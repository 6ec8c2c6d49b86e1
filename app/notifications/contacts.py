"""Recipients of messages: each person's verified contact or the registry's, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import Account
from app.identity.rules import Purpose
from app.identity.service.code_delivery import find_code_recipient
from app.identity.service.revocation import former_contacts
from app.kernel import clock
from app.kernel.actor import Assurance, Citizen
from app.kernel.consumers import Event
from app.kernel.i18n import gettext as _
from app.notifications import preloaded
from app.notifications.rules import UnreachedReason
from app.places import queries as places
from app.places.models import Unit
from app.registry.masks import masked_person, masked_short
from app.registry.models import Person
from app.registry.representation import is_minor_sql, registered_sql

EMAIL, SMS = "email", "sms"
PUSH = "push"
"""A notice in a browser, beside the message that a contact gets: no contact is of this channel."""

_HOLDERS = text(
    "SELECT d.holder_id FROM dependant d JOIN person p ON p.id = d.person_id"
    f" WHERE d.person_id = CAST(:person_id AS uuid) AND {registered_sql('d', 'CAST(:day AS date)')}"
    f" AND {is_minor_sql('p.birth_on', 'CAST(:day AS date)')} ORDER BY d.holder_id"
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and a verified contact. At low assurance it may be an impostor's: messages to it contain no name and
    nothing that needs the full level."""

    person_id: UUID
    channel: str
    address: str
    language: str
    assurance: Assurance = Assurance.FULL


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact of a person and its assurance."""

    recipient: Recipient
    assurance: Assurance


async def preload(session: AsyncSession, events: Sequence[Event]) -> list[object]:
    """Load people and contacts of these events in bulk; the session keeps them as long as the caller holds the
    result."""
    people = {id_ for event in events for id_ in (event.person_id, event.actor_id) if id_ is not None}
    units = {event.unit_id for event in events if event.unit_id is not None}
    found: list[object] = []
    for wanted in (
        select(Account).where(Account.person_id.in_(people)),
        select(Person).where(Person.id.in_(people)),
        select(Unit).where(Unit.id.in_(units)),
    ):
        found.extend((await session.scalars(wanted)).all())
    return found


async def find_recipients(
    session: AsyncSession,
    person_id: UUID,
    helper_id: UUID | None,
    event: Event,
    needed: Assurance = Assurance.LOW,
) -> list[Recipient]:
    """Return the recipients: the person and who acts for them; if neither has a contact (a child registered at a desk),
    those they depend on that day, in the time zone of the unit. Messages about someone else, or that need the full
    level of assurance (`needed`), go only to recipients who have it. If none is left, staff notify the person
    (`UnaddressedDraft`); `registry.reachability` answers the same for many people at once."""
    recipients = {person_id: await _recipient(session, person_id, needed)}
    if helper_id is not None and helper_id != person_id:
        recipients[helper_id] = await _recipient(session, helper_id)
    if not any(recipients.values()):
        zone = await places.zone_of(session, event.unit_id) if event.unit_id else await zone_of(session, person_id)
        day = clock.local_day(event.at, zone)
        for holder_id in (await session.scalars(_HOLDERS, {"person_id": person_id, "day": day})).all():
            recipients[holder_id] = await _recipient(session, holder_id)
    return [recipient for recipient in recipients.values() if recipient is not None]


async def _recipient(session: AsyncSession, person_id: UUID, needed: Assurance = Assurance.FULL) -> Recipient | None:
    """Return the account's contact if it has the needed assurance, else the registry's, which is the agency's own."""
    account = await preloaded.get(session, Account, person_id)
    if account is not None and account.frozen_at is None:  # frozen: the contact may not be theirs
        assurance = Assurance(account.assurance)
        proved = _first_contact(person_id, account.email, account.phone, account.language, assurance)
        if proved is not None and assurance.reaches(needed):
            return proved
    person = await preloaded.get(session, Person, person_id)
    if person is None:
        return None
    language = account.language if account is not None else person.language
    return _first_contact(person_id, *_registered(person, account), language)


def _registered(person: Person, account: Account | None) -> tuple[str | None, str | None]:
    """The registry's address and telephone; not those that a frozen account has too, for someone else may read them."""
    email, phone = person.email or None, person.phone or None
    if account is None or account.frozen_at is None:
        return email, phone
    is_theirs = email is not None and account.email is not None and email.lower() == account.email.lower()
    return None if is_theirs else email, None if phone == account.phone else phone


async def by_channel(session: AsyncSession, recipient: Recipient, channel: str | None) -> Recipient:
    """Return the recipient at the contact of a channel of theirs, if they have one of the same assurance."""
    if channel is None or channel == recipient.channel:
        return recipient
    for one in await known_contacts(session, recipient.person_id, with_former=False):
        if one.recipient.channel == channel and one.assurance.reaches(recipient.assurance):
            return replace(recipient, channel=channel, address=one.recipient.address)
    return recipient


async def is_full(session: AsyncSession, recipient: Recipient) -> bool:
    """Return whether a contact has the full level of assurance, so that messages to it may name a person."""
    known = await known_contacts(session, recipient.person_id, with_former=False)
    return _reaches(known, recipient, Assurance.FULL)


async def is_current(session: AsyncSession, recipient: Recipient, about_id: UUID) -> bool:
    """Return whether a contact is still one of the recipient's that messages about a person may go to."""
    needed = Assurance.LOW if recipient.person_id == about_id else Assurance.FULL
    return _reaches(await known_contacts(session, recipient.person_id, with_former=False), recipient, needed)


async def is_frozen(session: AsyncSession, *people: UUID) -> bool:
    """Return whether the account of one of them is frozen."""
    known = [preloaded.peek(session, Account, one) for one in people]
    if None not in known:
        return any(one.frozen_at is not None for one in known if one is not None)
    wanted = select(Account.person_id).where(Account.person_id.in_(people), Account.frozen_at.is_not(None))
    return await session.scalar(wanted.limit(1)) is not None


def _reaches(known: Sequence[KnownContact], recipient: Recipient, needed: Assurance) -> bool:
    wanted = (recipient.channel, recipient.address)
    return any(
        one.assurance.reaches(needed) and (one.recipient.channel, one.recipient.address) == wanted for one in known
    )


async def calendar_address(session: AsyncSession, actor: Citizen) -> str | None:
    """Return the address at which the citizen gets calendar files by mail. None if there is none, and for who hasn't
    proved who they are and staff who help them: a file must not show them the person's address."""
    if actor.assurance is not Assurance.FULL or actor.helper is not None:
        return None
    reader = await _recipient(session, actor.person_id)
    return reader.address if reader is not None and reader.channel == EMAIL else None


async def registered_nss(session: AsyncSession, person_id: UUID) -> tuple[Recipient, str] | None:
    """Return the person's registered contact and social-security number; None if either is missing."""
    person = await preloaded.get(session, Person, person_id)
    if person is None or person.nss is None:
        return None
    account = await preloaded.get(session, Account, person_id)
    reader = _first_contact(person_id, *_registered(person, account), person.language)
    return (reader, person.nss) if reader is not None else None


async def unreached_reason(session: AsyncSession, person_id: UUID) -> UnreachedReason:
    """Return why there is no recipient."""
    account = await preloaded.get(session, Account, person_id)
    if account is None or (account.email is None and account.phone is None):
        return UnreachedReason.NO_CONTACT
    return UnreachedReason.FROZEN if account.frozen_at is not None else UnreachedReason.UNPROVEN


async def clinic_of(session: AsyncSession, person_id: UUID) -> UUID | None:
    """Return the person's clinic, whose staff notify them of events at no particular unit."""
    person = await preloaded.get(session, Person, person_id)
    return person.unit_id if person is not None else None


def _first_contact(
    person_id: UUID, email: str | None, phone: str | None, language: str, assurance: Assurance = Assurance.FULL
) -> Recipient | None:
    if email is not None:
        return Recipient(person_id, EMAIL, email, language, assurance)
    return Recipient(person_id, SMS, phone, language, assurance) if phone is not None else None


def name_for(reader: Recipient, name: str) -> str:
    """Return whom a message is about, worded for this recipient."""
    return name if reader.assurance is Assurance.FULL else _("Usted")


@dataclass(frozen=True, slots=True)
class CodeRecipient:
    """Recipient of a one-time code, its purpose, and whether the account is frozen."""

    recipient: Recipient
    purpose: Purpose
    is_frozen: bool


async def code_recipient(session: AsyncSession, challenge_id: UUID) -> CodeRecipient | None:
    """Return the recipient of a one-time code; None if the challenge belongs to no one."""
    challenge = await find_code_recipient(session, challenge_id)
    if challenge is None or challenge.person_id is None:
        return None
    recipient = _first_contact(challenge.person_id, challenge.email, challenge.phone, challenge.language)
    account = await preloaded.get(session, Account, challenge.person_id)
    is_frozen = account is not None and account.frozen_at is not None
    return CodeRecipient(recipient, Purpose(challenge.purpose), is_frozen) if recipient is not None else None


async def known_contacts(session: AsyncSession, person_id: UUID, *, with_former: bool = True) -> list[KnownContact]:
    """Return every known contact: the account's, the registry's, and recent ones of the account. Each address appears
    once, with its highest assurance. Without `with_former`: those that messages may go to now."""
    account = await preloaded.get(session, Account, person_id)
    person = await preloaded.get(session, Person, person_id)
    found: list[tuple[Assurance, str | None, str | None, str]] = []
    if account is not None and (with_former or account.frozen_at is None):
        found.append((Assurance(account.assurance), account.email, account.phone, account.language))
    if person is not None:
        language = account.language if account is not None else person.language
        registered = (person.email, person.phone) if with_former else _registered(person, account)
        is_sure = account is not None and account.frozen_at is None and Assurance(account.assurance) is Assurance.FULL
        if not with_former and account is not None and is_sure:  # messages go to the account's, where it has one
            registered = (None if account.email else registered[0], None if account.phone else registered[1])
        found.append((Assurance.FULL, *registered, language))
    found += [
        (Assurance(one.assurance), one.email, one.phone, one.language)
        for one in (await former_contacts(session, person_id) if with_former else ())
    ]
    known: dict[tuple[str, str], KnownContact] = {}
    for assurance, email, phone, language in found:
        for channel, address in ((EMAIL, email), (SMS, phone)):
            if not address:
                continue
            before = known.get((channel, address))
            if before is None or assurance.reaches(before.assurance):
                known[channel, address] = KnownContact(Recipient(person_id, channel, address, language), assurance)
    return list(known.values())


async def masked_name_of(session: AsyncSession, person_id: UUID, channel: str) -> str:
    """Return the name as those who share a contact tell people apart; text messages use the GSM alphabet only."""
    person = await preloaded.get(session, Person, person_id)
    if person is None:
        return ""
    mask = masked_short if channel == SMS else masked_person
    return mask(person.given_names, person.curp)


async def zone_of(session: AsyncSession, person_id: UUID) -> str:
    """Return the person's time zone, that of their clinic."""
    person = await preloaded.get(session, Person, person_id)
    return await places.zone_of(session, person.unit_id if person is not None else None)


async def name_of(session: AsyncSession, person_id: UUID) -> str:
    """Return the given names only: enough for a family to know whom a message is about."""
    person = await preloaded.get(session, Person, person_id)
    return person.given_names if person is not None else ""
