"""Begin to act for a person, and check who they are: by a document, by the code sent to their contact, or by the list
of questions. What is then done for them is done by the use cases of the citizens, with the person as the actor."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.appointments.queries.own import may_act_for
from app.desk.problems import CheckNotOffered, NoContactOnFile
from app.desk.rules.assistance import IdentityCheck, SeenDocument, checks_on, raised
from app.desk.rules.identity_questions import (
    MAX_ATTEMPTS,
    TOO_FEW,
    KnownAnswers,
    Question,
    are_enough,
    are_whole,
    choose_questions,
)
from app.identity.events import AssistanceIdentityChecked, AssistanceIdentityRefused
from app.identity.models import CODE_PURPOSE, Account, Assistance
from app.identity.permissions import Action, require
from app.identity.problems import AccountFrozen, AssistanceNotOpen
from app.identity.rules import Contact, Delivery, Purpose, choose_delivery
from app.identity.service import assistance, attempts, codes
from app.identity.service.accounts import account_of
from app.kernel import clock, crypto
from app.kernel.actor import Assurance, Channel, Staff
from app.kernel.events import record
from app.kernel.problems import FieldError, Invalid, NotFound
from app.registry.models import Person
from app.registry.queries import person_by_id, work_of

NSS_DIGITS = 4


async def start(session: AsyncSession, actor: Staff, person_id: UUID, channel: Channel) -> Assistance:
    """Begin to act for a person of the actor's units; the one that is open on this channel goes on.

    Raises:
        WrongRole: the actor attends no one. NotFound: the person isn't of their units.
    """
    require(actor, Action.ATTEND_PEOPLE)
    person = await person_by_id(session, person_id)
    if person.unit_id is None or not await may_act_for(session, actor, person_id):
        raise NotFound
    row = await assistance.start(session, actor, person_id, person.unit_id, channel)
    if not row.asked:
        known = await known_answers(session, person)
        row.asked = [one.value for one in choose_questions(known.known, row.id.int)]
    return row


async def find(session: AsyncSession, actor: Staff, assistance_id: UUID) -> Assistance:
    """An assistance of the actor that goes on, locked.

    Raises:
        AssistanceNotOpen: it isn't theirs, or it ended.
    """
    row = await session.get(Assistance, assistance_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise AssistanceNotOpen
    found = await assistance.open_assistance(session, actor, row.person_id)
    if found is None or found.id != assistance_id:
        raise AssistanceNotOpen
    assistance.touch(row)
    return row


async def known_answers(session: AsyncSession, person: Person) -> KnownAnswers:
    """What the registry has of a person that may be asked."""
    work = await work_of(session, person.id)
    right = {
        Question.BIRTH: person.birth_on.isoformat(),
        Question.NSS_END: person.nss[-NSS_DIGITS:] if person.nss else "",
        Question.POSTAL_CODE: person.postal_code or "",
        Question.ROOM: str(person.room) if person.room is not None else "",
        Question.EMPLOYER: work[-1].employer if work else "",
    }
    return KnownAnswers(right)


async def see_document(session: AsyncSession, actor: Staff, row: Assistance, document: SeenDocument) -> None:
    """The person showed this document at the counter.

    Raises:
        CheckNotOffered: they are on the telephone.
    """
    _require_offered(row, IdentityCheck.DOCUMENT)
    await _checked(session, actor, row, IdentityCheck.DOCUMENT, document)


async def answer_questions(session: AsyncSession, actor: Staff, row: Assistance, said: Mapping[Question, str]) -> bool:
    """Compare what the person answered; returns whether it is enough. Which answers were wrong isn't said.

    Raises:
        CheckNotOffered: the registry knows too little to ask, or the attempts are used up.
        Invalid: fewer answers than are needed, which is no attempt.
        TooManyRequests: the questions about this person were answered wrongly too often.
    """
    _require_offered(row, IdentityCheck.QUESTIONS)
    if not row.asked or row.attempts >= MAX_ATTEMPTS:
        raise CheckNotOffered
    asked = [Question(one) for one in row.asked]
    if not are_whole(asked, said):
        raise Invalid(fields=[FieldError("answers", TOO_FEW, "too_few")])
    await attempts.count_assisted_answers(row.person_id)
    known = await known_answers(session, await person_by_id(session, row.person_id))
    if are_enough(asked, known, said):
        await attempts.undo_assisted_answers(row.person_id)
        await _checked(session, actor, row, IdentityCheck.QUESTIONS)
        return True
    row.attempts += 1
    await _refused(session, actor, row, IdentityCheck.QUESTIONS)
    return False


async def has_contact(session: AsyncSession, row: Assistance) -> bool:
    """Whether a code can be sent to a contact on file that proves who the person is."""
    person = await person_by_id(session, row.person_id)
    return bool(_delivery(person, await account_of(session, person.id)).contact.is_there)


async def send_code(session: AsyncSession, actor: Staff, row: Assistance, language: str) -> Contact:
    """Send a code to the contact on file, which the person reads out; returns the contact. It signs no one in.

    Raises:
        NoContactOnFile: there is none that proves who they are. AccountFrozen: it may not be theirs.
        TooManyRequests: the person was sent too many.
    """
    person = await person_by_id(session, row.person_id)
    account = await account_of(session, person.id)
    if account is not None and account.frozen_at is not None:
        raise AccountFrozen
    delivery = _delivery(person, account)
    if not delivery.contact.is_there:
        raise NoContactOnFile
    attempt = await attempts.count_assisted_code(row.person_id)
    row.challenge_id = await codes.create_code(
        session,
        assistance.on_channel(actor, row),
        attempt,
        Delivery(Purpose.ASSIST, delivery.contact),
        curp=person.curp,
        person_id=person.id,
        language=account.language if account is not None else language,
    )
    return delivery.contact


def _delivery(person: Person, account: Account | None) -> Delivery:
    return choose_delivery(
        account=Contact(account.email, account.phone) if account is not None else None,
        level=Assurance(account.assurance) if account is not None else Assurance.LOW,
        registered=Contact(person.email, person.phone),
        new=None,
        full_only=True,
    )


async def enter_code(session: AsyncSession, actor: Staff, row: Assistance, code: str) -> bool:
    """Compare the code that the person read out; returns whether it is right. Each code can be tried five times."""
    _require_offered(row, IdentityCheck.CODE)
    found = await codes.count_code_attempt(row.challenge_id) if row.challenge_id is not None else {}
    right = [one for one, stored in found.items() if crypto.verify_hmac_digest(CODE_PURPOSE, code, stored)]
    used = await codes.consume_code(session, right[0], clock.now(), (Purpose.ASSIST,)) if right else None
    if used is None:
        await _refused(session, actor, row, IdentityCheck.CODE)
        return False
    row.challenge_id = None
    await _checked(session, actor, row, IdentityCheck.CODE)
    return True


def _require_offered(row: Assistance, check: IdentityCheck) -> None:
    if check not in checks_on(Channel(row.channel)):
        raise CheckNotOffered


async def _checked(
    session: AsyncSession,
    actor: Staff,
    row: Assistance,
    check: IdentityCheck,
    document: SeenDocument | None = None,
) -> None:
    level = raised(Assurance(row.assurance) if row.assurance else None, check)
    row.identity, row.assurance, row.checked_at = check.value, level.value, clock.now()
    row.document = document.value if document is not None else None
    await session.flush()
    event = AssistanceIdentityChecked(
        subject_id=row.id,
        person_id=row.person_id,
        unit_id=row.unit_id,
        how=check.value,
        assurance=level.value,
        document=row.document,
    )
    await record(session, assistance.on_channel(actor, row), event)


async def _refused(session: AsyncSession, actor: Staff, row: Assistance, check: IdentityCheck) -> None:
    await session.flush()
    event = AssistanceIdentityRefused(subject_id=row.id, person_id=row.person_id, unit_id=row.unit_id, how=check.value)
    await record(session, assistance.on_channel(actor, row), event)
