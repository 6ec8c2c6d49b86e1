"""The texts in force: the latest version of each template, in memory for some seconds, else its default.

Each process reads all of them with one statement when what it has is older than `SECONDS`, so a change is in use
everywhere within that time, and sending many messages costs no query each.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel.db import Database, database, is_configured
from app.kernel.i18n import LANGUAGES, language
from app.notifications.templates.checks import check
from app.notifications.templates.declarations import Part, Template, Wording, Wordings
from app.notifications.templates.defaults import templates
from app.notifications.templates.rendering import Compiled, compile_wording

log = structlog.get_logger(__name__)

_LATEST = text(
    "SELECT DISTINCT ON (template) template, version, texts FROM message_template_version"
    " ORDER BY template, version DESC"
)
SECONDS = 5.0
DEFAULT_VERSION = 0


@dataclass(frozen=True, slots=True)
class InForce:
    """The texts of a template that are used now, and the number of their version."""

    version: int
    wordings: Wordings
    compiled: Mapping[str, Compiled]


@dataclass(slots=True)
class _Snapshot:
    read_at: float
    by_id: dict[str, InForce] = field(default_factory=dict)
    unusable: dict[str, int] = field(default_factory=dict)
    """Versions that this release can't use, since they have a datum that it no longer has."""


_snapshots: WeakKeyDictionary[Database, _Snapshot] = WeakKeyDictionary()
_defaults: dict[str, InForce] = {}


def wordings_of(texts: Mapping[str, Any]) -> Wordings:
    """The texts of a version as they are stored."""
    return {code: Wording(**texts[code]) for code in LANGUAGES}


def texts_of(wordings: Wordings) -> dict[str, Any]:
    """The texts as a version stores them."""
    return {code: {part.value: one.part(part) for part in Part} for code, one in sorted(wordings.items())}


def compile_all(template: Template, version: int, wordings: Wordings) -> InForce:
    """Texts, read once for each language."""
    return InForce(version, wordings, {code: compile_wording(template, code, wordings[code]) for code in LANGUAGES})


def default_of(template: Template) -> InForce:
    """The default texts: version 0."""
    if template.id not in _defaults:
        _defaults[template.id] = compile_all(template, DEFAULT_VERSION, template.defaults)
    return _defaults[template.id]


def in_force(template_id: str) -> InForce:
    """The texts that this process uses now."""
    snapshot = _snapshots.get(database()) if is_configured() else None
    stored = snapshot.by_id.get(template_id) if snapshot is not None else None
    return stored or default_of(templates()[template_id])


def compiled_in_force(template_id: str) -> tuple[int, Compiled]:
    """The text in the current language, with the number of its version."""
    found = in_force(template_id)
    return found.version, found.compiled[language()]


async def refresh(session: AsyncSession) -> None:
    """Read the versions again if what this process has is old."""
    before = _snapshots.get(database())
    now = time.monotonic()
    if before is not None and 0 <= now - before.read_at < SECONDS:
        return
    snapshot = _Snapshot(now)
    for row in (await session.execute(_LATEST)).all():
        _take(snapshot, before, row)
    _snapshots[database()] = snapshot


def _take(snapshot: _Snapshot, before: _Snapshot | None, row: Any) -> None:
    template = templates().get(row.template)
    if template is None:
        return
    known = before.by_id.get(row.template) if before is not None else None
    if known is not None and known.version == row.version:
        snapshot.by_id[row.template] = known
    elif row.texts is None:
        snapshot.by_id[row.template] = compile_all(template, row.version, template.defaults)
    elif not check(template, wordings_of(row.texts)):
        snapshot.by_id[row.template] = compile_all(template, row.version, wordings_of(row.texts))
    else:
        snapshot.unusable[row.template] = row.version
        if before is None or before.unusable.get(row.template) != row.version:
            log.error("template_unusable", template=row.template, version=row.version)
