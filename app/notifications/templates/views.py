"""What is shown of templates: their list, their versions, how a text looks with sample data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import ndiff

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.models import StaffMember
from app.identity.permissions import Action, require
from app.kernel.actor import Staff
from app.kernel.i18n import LANGUAGES, Language, language
from app.notifications import gsm
from app.notifications.models import Message, TemplateVersion
from app.notifications.rules import TEST
from app.notifications.templates import rendering
from app.notifications.templates.declarations import Part, Template, Wordings
from app.notifications.templates.defaults import templates
from app.notifications.templates.editing import subject_id_of, texts_in_force, texts_of_version
from app.notifications.templates.store import DEFAULT_VERSION

MOST_VERSIONS, MOST_TESTS = 100, 5


@dataclass(frozen=True, slots=True)
class ListedTemplate:
    """A template in the list, with the version in force; version 0 is the default."""

    id: str
    event: str
    name: str
    version: int
    is_default: bool
    changed_at: datetime | None
    changed_by: str | None


async def list_templates(session: AsyncSession, actor: Staff) -> list[ListedTemplate]:
    """Every template, in the order of its subjects.

    Raises:
        WrongRole: the actor's role doesn't manage texts.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    rows = await session.execute(
        select(TemplateVersion, StaffMember.full_name)
        .join(StaffMember, StaffMember.id == TemplateVersion.created_by)
        .order_by(TemplateVersion.version)
    )
    latest = {row.template: (row, name) for row, name in rows.all()}
    return [_listed(template, *latest.get(template.id, (None, None))) for template in templates().values()]


def _listed(template: Template, row: TemplateVersion | None, name: str | None) -> ListedTemplate:
    return ListedTemplate(
        template.id,
        template.event,
        template.name[language()],
        row.version if row is not None else DEFAULT_VERSION,
        row is None or row.texts is None,
        row.created_at if row is not None else None,
        name,
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A line that a version took away or added, in a part in a language."""

    language: str
    part: Part
    is_added: bool
    text: str


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version with who stored it and when, and how it differs from the one before."""

    version: int
    created_at: datetime | None
    created_by: str | None
    restored_from: int | None
    changes: Sequence[Change]


async def list_versions(session: AsyncSession, actor: Staff, template: Template) -> list[ShownVersion]:
    """The versions of a template, the latest first; the last is the default.

    Raises:
        WrongRole: the actor's role doesn't manage texts.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    wanted = (
        select(TemplateVersion, StaffMember.full_name)
        .join(StaffMember, StaffMember.id == TemplateVersion.created_by)
        .where(TemplateVersion.template == template.id)
        .order_by(TemplateVersion.version.desc())
        .limit(MOST_VERSIONS)
    )
    found = []
    for row, name in (await session.execute(wanted)).all():
        before = await texts_of_version(session, template, row.version - 1)
        after = await texts_of_version(session, template, row.version)
        changes = differences(template, before, after)
        found.append(ShownVersion(row.version, row.created_at, name, row.restored_from, changes))
    return [*found, ShownVersion(DEFAULT_VERSION, None, None, None, ())]


def differences(template: Template, before: Wordings, after: Wordings) -> list[Change]:
    """The lines that differ between two versions."""
    return [
        Change(code, part, line.startswith("+ "), line[2:])
        for code in LANGUAGES
        for part in template.parts
        for line in ndiff(before[code].part(part).split("\n"), after[code].part(part).split("\n"))
        if line.startswith(("+ ", "- "))
    ]


@dataclass(frozen=True, slots=True)
class Preview:
    """How a message looks in a language and a case, with sample data. `sms_parts`: how many text messages it is."""

    language: Language
    case: str
    subject: str
    body: str
    html: str
    sms: str
    sms_parts: int
    push: str


def previews(template: Template, wordings: Wordings) -> list[Preview]:
    """Each case in each language."""
    return [_preview(template, wordings, code, number) for code in LANGUAGES for number in range(len(template.cases))]


def _preview(template: Template, wordings: Wordings, code: Language, number: int) -> Preview:
    compiled = rendering.compile_wording(template, code, wordings[code])
    case = template.cases[number]
    values = template.values(code, case)
    sms = rendering.sms_of(compiled, values) if Part.SMS in template.parts else ""
    return Preview(
        code,
        case.name[language()],
        rendering.subject_of(compiled, values),
        rendering.plain_of(compiled, values),
        rendering.html_content_of(compiled, values),
        sms,
        gsm.parts(sms) if sms else 0,
        compiled.push,
    )


async def recent_tests(session: AsyncSession, actor: Staff, template: Template) -> list[Message]:
    """The tests of a template that the actor sent last, with what became of them."""
    mine = (Message.kind == TEST, Message.person_id == actor.staff_id)
    wanted = select(Message).where(*mine).order_by(Message.created_at.desc()).limit(MOST_TESTS * 4)
    subject_id = subject_id_of(template.id)
    return [one for one in await session.scalars(wanted) if one.subject_id == subject_id][:MOST_TESTS]


@dataclass(frozen=True, slots=True)
class ShownTemplate:
    """A template with its texts in force."""

    template: Template
    version: int
    wordings: Wordings


async def shown_template(session: AsyncSession, actor: Staff, template: Template) -> ShownTemplate:
    """The texts in force, read now.

    Raises:
        WrongRole: the actor's role doesn't manage texts.
    """
    require(actor, Action.MANAGE_MESSAGE_TEXTS)
    return ShownTemplate(template, *(await texts_in_force(session, template)))
