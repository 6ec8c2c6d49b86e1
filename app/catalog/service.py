"""Publish services: store each version for the requests that start with it."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.definition import Service
from app.catalog.loader import definition_of, digest_of, load_services
from app.catalog.models import ServiceVersion
from app.kernel import clock


class VersionReused(RuntimeError):  # noqa: N818 # says a state
    """A service changed without a new version: requests in progress would change their rules."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a file compares with what is published."""

    service: str
    version: int
    state: Literal["new", "same", "changed"]
    changes: tuple[str, ...] = ()


async def publish(session: AsyncSession) -> int:
    """Store every version that isn't stored yet; return how many. Idempotent.

    Raises:
        VersionReused: a published version was changed.
    """
    new = [one.service for one in await _require_unchanged(session) if one.state == "new"]
    stored = [await _insert(session, load_services()[service]) for service in new]
    if not all(stored):
        # Published concurrently: either the same text, or this one is rejected.
        await _require_unchanged(session)
    return sum(stored)


async def _require_unchanged(session: AsyncSession) -> list[Difference]:
    found = await differences(session)
    changed = [one for one in found if one.state == "changed"]
    if changed:
        names = ", ".join(f"{one.service} {one.version}" for one in changed)
        raise VersionReused(f"published already with another text: {names}; raise `version` in the file")
    return found


async def _insert(session: AsyncSession, service: Service) -> bool:
    """Insert a version; return whether this call did it."""
    definition = definition_of(service)
    values = {
        "service": service.id,
        "version": service.version,
        "digest": digest_of(definition),
        "definition": definition,
        "published_at": clock.now(),
    }
    statement = insert(ServiceVersion).values(values).on_conflict_do_nothing().returning(ServiceVersion.service)
    return await session.scalar(statement) is not None


async def differences(session: AsyncSession) -> list[Difference]:
    """Each service of the files against its published version."""
    rows = (await session.execute(select(ServiceVersion))).scalars().all()
    published = {(row.service, row.version): row for row in rows}
    latest: dict[str, ServiceVersion] = {}
    for row in sorted(rows, key=lambda row: row.version):
        latest[row.service] = row
    found: list[Difference] = []
    for service in load_services().values():
        stored = published.get((service.id, service.version))
        definition = definition_of(service)
        if stored is not None and _is_same(stored, definition):
            found.append(Difference(service.id, service.version, "same"))
            continue
        before = stored or latest.get(service.id)
        changes = tuple(_changes(before.definition, definition, "")) if before else ()
        found.append(Difference(service.id, service.version, "changed" if stored else "new", changes))
    return found


def _is_same(stored: ServiceVersion, definition: dict[str, Any]) -> bool:
    """Return whether a stored version equals a definition; new blocks at their default are no change."""
    if stored.digest == digest_of(definition):
        return True
    try:
        read_today = definition_of(Service.model_validate(stored.definition))
    except ValidationError:
        return False
    return digest_of(read_today) == digest_of(definition)


def _changes(before: object, after: object, place: str) -> list[str]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        # In the file's order: jsonb doesn't preserve it.
        keys = [*after, *(key for key in before if key not in after)]
        inner = (_changes(before.get(key), after.get(key), f"{place}.{key}".lstrip(".")) for key in keys)
        return [line for lines in inner for line in lines]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        inner = (_changes(*pair, f"{place}[{n}]") for n, pair in enumerate(zip(before, after, strict=True)))
        return [line for lines in inner for line in lines]
    return [f"{place}: {_short(before)} -> {_short(after)}"]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
