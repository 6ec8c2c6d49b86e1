"""Use cases of templates: save other texts, restore earlier ones, send a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import normalize
from uuid import UUID, uuid5

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.permissions import Action, require
from app.kernel import clock, ids, rate_limits
from app.kernel.actor import Staff
from app.kernel.etags import Versions, etag, require_version
from app.kernel.events import record
from app.kernel.i18n import LANGUAGES, N_, Language
from app.kernel.i18n import gettext as _
from app.kernel.parsing import strip_bidi_controls
from app.kernel.problems import FieldError, Invalid, NotFound, Stale
from app.kernel.rate_limit_rules import Policy
from app.kernel.rate_limits import Counter
from app.notifications import service
from app.notifications.contacts import SMS
from app.notifications.events import MessageTextsChanged, MessageTextsTested
from app.notifications.models import Message, TemplateVersion
from app.notifications.problems import TextsInvalid
from app.notifications.rules import TEST
from app.notifications.templates.checks import TextIssue, check
from app.notifications.templates.declarations import Part, Template, Wording, Wordings
from app.notifications.templates.defaults import templates
from app.notifications.templates.store import DEFAULT_VERSION, texts_of, wordings_of
from app.registry.contact import normal_email, normal_phone

NAMESPACE = UUID("6f1f6a9e-6b0b-4a53-9d0e-6f6a8f2c7d11")
"""Of the ids by which events name templates."""
TESTS = Policy("message-tests", free=5, first_wait=60, longest_wait=3600, leak=720)
"""Tests, by member of staff: six at once, then after waits from a minute to an hour."""
NO_TEXT_MESSAGE = N_("Este mensaje sólo va por correo.")


def subject_id_of(template_id: str) -> UUID:
    """The id by which events name a template."""
    return uuid5(NAMESPACE, template_id)


def template_of(template_id: str) -> Template:
    """A template.

    Raises:
        NotFound: there is none of this id.
    """
    found = templates().get(template_id)
    if found is None:
        raise NotFound
    return found


def normal_wordings(typed: Mapping[str, Wording]) -> Wordings:
    """The texts as they are stored: NFC, ends of lines as they are here, no blanks at the ends of lines."""
    return {code: Wording(*(_normal(typed[code].part(part)) for part in Part)) for code in LANGUAGES}


def _normal(text: str) -> str:
    lines = normalize("NFC", strip_bidi_controls(text)).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def require_valid(template: Template, wordings: Wordings) -> None:
    """Refuse texts with something wrong.

    Raises:
        TextsInvalid: with all that is wrong.
    """
    if issues := check(template, wordings):
        raise TextsInvalid(fields=[FieldError(issue.field, issue.message(), "wrong_text") for issue in issues])


async def version_of(session: AsyncSession, template_id: str) -> int:
    """The number of the version in force."""
    latest = select(func.max(TemplateVersion.version)).where(TemplateVersion.template == template_id)
    return await session.scalar(latest) or DEFAULT_VERSION


async def texts_in_force(session: AsyncSession, template: Template) -> tuple[int, Wordings]:
    """The version in force and its texts, as stored."""
    version = await version_of(session, template.id)
    return version, await texts_of_version(session, template, version)


async def texts_of_version(session: AsyncSession, template: Template, version: int) -> Wordings:
    """The texts of a version.

    Raises:
        NotFound: there is no such version.
    """
    if version == DEFAULT_VERSION:
        return template.defaults
    row = await session.get(TemplateVersion, (template.id, version))
    if row is None:
        raise NotFound
    return template.defaults if row.texts is None else wordings_of(row.texts)


async def save_texts(
    session: AsyncSession, actor: Staff, template_id: str, typed: Mapping[str, Wording], versions: Versions
) -> int:
    """Store other texts and return their version; the same texts again change nothing. They are in use within seconds.

    Raises:
        WrongRole: the actor's role doesn't manage texts.
        NotFound: there is no such template.
        TextsInvalid: something is wrong with them.
        Stale: the version in force isn't one of `versions`.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    version, current = await texts_in_force(session, template)
    require_version(versions, version)
    wordings = normal_wordings(typed)
    require_valid(template, wordings)
    if texts_of(wordings) == texts_of(current):
        return version
    return await _add(session, actor, template, version, wordings, None)


async def restore_texts(
    session: AsyncSession, actor: Staff, template_id: str, restored: int, versions: Versions
) -> int:
    """Use the texts of an earlier version again, or the default ones (version 0), as a new version.

    Raises:
        WrongRole, NotFound, Stale: as `save_texts`; NotFound also without such a version.
        TextsInvalid: this release can't use them any more.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    version = await version_of(session, template_id)
    require_version(versions, version)
    wordings = await texts_of_version(session, template, restored)
    if restored == version:
        return version
    require_valid(template, wordings)
    return await _add(session, actor, template, version, None if restored == DEFAULT_VERSION else wordings, restored)


async def _add(
    session: AsyncSession,
    actor: Staff,
    template: Template,
    version: int,
    wordings: Wordings | None,
    restored: int | None,
) -> int:
    added = (
        insert(TemplateVersion)
        .values(
            template=template.id,
            version=version + 1,
            texts=None if wordings is None else texts_of(wordings),
            restored_from=restored,
            created_by=actor.staff_id,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(TemplateVersion.version)
    )
    stored: int | None = await session.scalar(added)
    if stored is None:  # someone else's change came first, this very moment
        raise Stale(headers={"ETag": etag(version + 1)})
    changed = MessageTextsChanged(
        subject_id=subject_id_of(template.id), template=template.id, version=stored, restored_from=restored
    )
    await record(session, actor, changed)
    return stored


@dataclass(frozen=True, slots=True)
class TestSend:
    """A test: the texts as typed, in one language, by one channel, to a contact of the member of staff who asks."""

    __test__ = False  # no test of pytest's

    language: Language
    channel: str
    to: str


async def send_test(
    session: AsyncSession, actor: Staff, template_id: str, typed: Mapping[str, Wording], test: TestSend
) -> UUID:
    """Send the typed texts with sample data; they needn't be stored. Returns the message's id.

    Raises:
        WrongRole, NotFound, TextsInvalid: as `save_texts`.
        Invalid: it isn't a contact of this channel, or the message has no text for it.
        TooManyRequests: five at once, then one in twelve minutes.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    template = template_of(template_id)
    wordings = normal_wordings(typed)
    require_valid(template, wordings)
    address = _address(template, test)
    await rate_limits.count_attempt([Counter(TESTS, str(actor.staff_id))])
    wording, case = wordings[test.language], template.cases[0]
    message = Message(
        id=ids.new_id(),
        event_id=ids.new_id(),
        kind=TEST,
        subject_id=subject_id_of(template.id),
        person_id=actor.staff_id,
        channel=test.channel,
        recipient=address,
        language=test.language,
        subject=wording.subject,
        body=wording.body,
        created_at=clock.now(),
        status="pending",
        attempts=0,
        template=template.id,
        data=template.values(test.language, case),
        draft={part.value: wording.part(part) for part in Part},
    )
    session.add(message)
    await session.flush()
    await service.enqueue_message(session, message)
    tested = MessageTextsTested(subject_id=subject_id_of(template.id), template=template.id, by=test.channel)
    await record(session, actor, tested)
    return message.id


def _address(template: Template, test: TestSend) -> str:
    if test.channel == SMS and not template.defaults[test.language].sms:
        raise Invalid(fields=[FieldError("channel", _(NO_TEXT_MESSAGE), "no_text_message")])
    try:
        return normal_phone(test.to) if test.channel == SMS else normal_email(test.to)
    except ValueError as error:
        raise Invalid(fields=[FieldError("to", _(str(error)), "wrong_contact")]) from error


def issues_of(template: Template, typed: Mapping[str, Wording]) -> list[TextIssue]:
    """What is wrong with typed texts."""
    return check(template, normal_wordings(typed))
