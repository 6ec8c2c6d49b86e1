"""Versions of services in a database: stored once, never changed, found again by the requests that began with them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog import service
from app.catalog.definition import Service
from app.catalog.loader import definition_of, digest_of, load_services
from app.catalog.models import ServiceVersion
from app.catalog.queries import service_version
from app.catalog.service import Difference, VersionReused, differences, publish
from app.kernel import clock
from app.kernel.problems import NotFound
from tests.conftest import Database
from tests.waiting import until_a_session_waits

OLD = 9_999
"""A version no file has and no other test keeps: what is read of it is remembered for good."""


def changed(definition: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The definition with another name."""
    return definition | {"name": {"es": "Semanas", "en": "Weeks"}} | more


async def keep(session: AsyncSession, definition: dict[str, Any]) -> None:
    """Publish this text as it is, as another release would have."""
    session.add(
        ServiceVersion(
            service=definition["id"],
            version=definition["version"],
            digest=digest_of(definition),
            definition=definition,
            published_at=clock.now(),
        )
    )
    await session.flush()


async def forget(session: AsyncSession, *services: str) -> None:
    await session.execute(delete(ServiceVersion).where(ServiceVersion.service.in_(services or list(load_services()))))


async def rewrite(session: AsyncSession, definition: dict[str, Any]) -> None:
    """Make the published text of today's version another."""
    stored = update(ServiceVersion).where(
        ServiceVersion.service == definition["id"], ServiceVersion.version == definition["version"]
    )
    await session.execute(stored.values(definition=definition, digest=digest_of(definition)))


async def rows(session: AsyncSession) -> list[tuple[str, int, str]]:
    found = select(ServiceVersion.service, ServiceVersion.version, ServiceVersion.digest).order_by(
        ServiceVersion.service, ServiceVersion.version
    )
    return [(name, version, digest) for name, version, digest in await session.execute(found)]


def offer(monkeypatch: pytest.MonkeyPatch, definition: dict[str, Any]) -> None:
    """Let the files say this of one service."""
    offered = load_services() | {definition["id"]: Service.model_validate(definition)}
    monkeypatch.setattr(service, "load_services", lambda: offered)


async def test_each_service_is_published_once_and_twice_changes_nothing(session: AsyncSession) -> None:
    await forget(session)
    assert await publish(session) == len(load_services())
    before = await rows(session)
    assert [(name, digest) for name, _version, digest in before] == [
        (name, digest_of(definition_of(one))) for name, one in sorted(load_services().items())
    ]
    assert await publish(session) == 0
    assert await rows(session) == before


async def test_one_that_is_new_is_published_alone(session: AsyncSession) -> None:
    await forget(session, "weeks", "pension")
    assert {one.service for one in await differences(session) if one.state == "new"} == {"weeks", "pension"}
    assert await publish(session) == 2


async def test_a_changed_text_with_the_same_version_is_refused_and_nothing_is_stored(session: AsyncSession) -> None:
    await forget(session, "complaint")
    await rewrite(session, changed(definition_of(load_services()["weeks"])))
    before = await rows(session)
    with pytest.raises(VersionReused, match=r"published already with another text: weeks 3; raise `version`"):
        await publish(session)
    assert await rows(session) == before


async def test_a_changed_text_with_a_raised_version_is_stored_beside_the_old_one(
    session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = load_services()["weeks"]
    offer(monkeypatch, changed(definition_of(today), version=OLD))
    (difference,) = [one for one in await differences(session) if one.service == "weeks"]
    assert difference == Difference(
        "weeks",
        OLD,
        "new",
        (
            f"version: {today.version} -> {OLD}",
            f"name.es: {today.name.es!r} -> 'Semanas'",
            f"name.en: {today.name.en!r} -> 'Weeks'",
        ),
    )
    assert await publish(session) == 1
    assert [version for name, version, _digest in await rows(session) if name == "weeks"] == [today.version, OLD]


async def test_the_places_that_changed_are_named(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    now = definition_of(load_services()["unemployment"])
    now["eligibility"][1]["with"]["days"] = 60
    now["documents"] = [{"kind": "letter", "name": {"es": "Carta", "en": "Letter"}}]
    del now["form"]["pages"][0]["intro"]
    offer(monkeypatch, now)
    (difference,) = [one for one in await differences(session) if one.state == "changed"]
    form, rule, documents = difference.changes
    assert rule == "eligibility[1].with.days: {'law': 'unemployment-days'} -> 60"
    assert form.startswith("form.pages[0].intro: {'en': 'Your pension fund starts")
    assert form.endswith("... -> None")
    assert documents.startswith("documents: [] -> [{'kind': 'letter'")


async def test_what_the_program_learned_since_is_no_change_at_its_default(session: AsyncSession) -> None:
    """A release adds an optional block: every service published before lacks it, and none of them changed."""
    older = definition_of(load_services()["weeks"])
    assert older.pop("duplicates_by") == []
    await rewrite(session, older)
    assert await publish(session) == 0
    # But one that says something there did.
    await rewrite(session, older | {"duplicates_by": ["by_employer"]})
    with pytest.raises(VersionReused, match="weeks 3"):
        await publish(session)


async def test_a_text_of_another_time_that_is_no_service_today_is_a_change(session: AsyncSession) -> None:
    await rewrite(session, definition_of(load_services()["weeks"]) | {"colour": "red"})
    with pytest.raises(VersionReused, match="weeks 3"):
        await publish(session)


async def count(db: Database) -> int:
    async with db.transaction() as session:
        found: int = await session.scalar(select(func.count()).select_from(ServiceVersion)) or 0
        return found


async def publish_alone(db: Database) -> int:
    async with db.transaction() as session:
        return await publish(session)


async def test_two_publishers_at_once_keep_each_version_once(db: Database) -> None:
    async with db.transaction() as session:
        await forget(session)
    async with db.transaction() as first:
        assert await publish(first) == len(load_services())
        # The second finds nothing published, and waits for the first at the first row.
        second = asyncio.create_task(publish_alone(db))
        await until_a_session_waits(db)
    assert await second == 0
    assert await count(db) == len(load_services())


async def test_the_second_of_two_publishers_with_another_text_is_refused(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as session:
        await forget(session)
    async with db.transaction() as first:
        await publish(first)
        offer(monkeypatch, changed(definition_of(load_services()["weeks"])))
        second = asyncio.create_task(publish_alone(db))
        await until_a_session_waits(db)
    with pytest.raises(VersionReused, match="weeks 3"):
        await second
    assert await count(db) == len(load_services())


async def test_todays_version_is_the_files_and_older_ones_are_as_published(session: AsyncSession) -> None:
    today = load_services()["weeks"]
    older = changed(definition_of(today), version=OLD)
    await keep(session, older)
    assert await service_version(session, "weeks", today.version) is today
    found = await service_version(session, "weeks", OLD)
    assert (found.version, found.name.es) == (OLD, "Semanas")
    assert definition_of(found) == older
    assert await service_version(session, "weeks", OLD) is found


@pytest.mark.parametrize(("service_id", "version"), [("weeks", OLD - 1), ("weeks", 0), ("moon", 1)])
async def test_a_version_that_was_never_published_is_not_found(
    session: AsyncSession, service_id: str, version: int
) -> None:
    with pytest.raises(NotFound):
        await service_version(session, service_id, version)
