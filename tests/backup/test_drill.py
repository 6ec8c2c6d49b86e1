"""A restore drill: a backup while people go on, restored into a new cluster, and nothing lost or done twice."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.backup import manifest, restoring, taking
from app.backup.manifest import NotABackup
from app.backup.restoring import NotEmpty
from app.backup.taking import BackupFailed, Keys
from app.documents import service, storage
from app.documents.models import Document
from app.identity.service.staff import add_staff
from app.identity.service.staff_accounts import staff_by_username
from app.identity.service.staff_setup import authenticator_state
from app.kernel import consumers, crypto, key_rotation
from app.kernel.actor import Role, System
from app.kernel.consumer_runner import catch_up
from app.kernel.consumers import CONSUMERS, Event
from app.kernel.db import reading, transaction
from app.kernel.postgres import EmbeddedServer
from tests.backup.conftest import Place, forget_all, pointed_at
from tests.conftest import Database
from tests.documents.factories import keep
from tests.kernel.factories import EACH_IN_ITS_OWN, TYPE, write
from tests.waiting import WAITING, until_a_session_waits

pytestmark = pytest.mark.parametrize("db", ["psycopg"], indirect=True)


@pytest.fixture
def heard() -> Iterator[list[int]]:
    others = dict(CONSUMERS)
    CONSUMERS.clear()
    numbers: list[int] = []

    async def hear(_session: AsyncSession, event: Event) -> None:
        numbers.append(event.payload["number"])

    consumers.consumer("drill", (TYPE,), partitions=2)(hear)
    yield numbers
    CONSUMERS.clear()
    CONSUMERS.update(others)


async def stored() -> Document:
    async with transaction() as session:
        return await keep(session)


async def removed(document: Document) -> None:
    async with transaction() as session:
        found = await session.get_one(Document, (document.person_id, document.id))
        key = await service.delete_document(session, found)
    await storage.remove([key])


async def go_on(db: Database) -> None:
    """People attach documents and take them back, and things happen, until cancelled."""
    number = 1_000
    while True:
        first, _second = await stored(), await stored()
        await removed(first)
        write(db.url, number, number)
        number += 1
        await asyncio.sleep(0.05)


async def staff(name: str = "jefa") -> None:
    async with transaction() as session:
        await add_staff(
            session,
            System("cli"),
            username=name,
            full_name="Jefa",
            password="muy-larga-y-rara-2026",
            role=Role.ADMIN,
            unit_ids=None,
        )


async def test_backed_up_while_people_go_on_and_restored_it_goes_on(
    db: Database, portal: Place, reachable: Path, heard: list[int]
) -> None:
    await staff()
    for _number in range(20):
        await stored()
    write(db.url, 1, 40)
    await catch_up()
    assert sorted(heard) == list(range(1, 41))
    people = asyncio.create_task(go_on(db))
    try:
        await asyncio.to_thread(portal.run, "backup", str(reachable / "one"))
    finally:
        people.cancel()
        await asyncio.gather(people, return_exceptions=True)
    made = manifest.verify(reachable / "one")
    assert not made.lost
    assert made.files > 20

    new = Place(reachable / "new")
    server = EmbeddedServer.start(new.folder / "postgres", durable=False)
    try:
        said = await asyncio.to_thread(new.run, "restore", str(reachable / "one"))
        assert "check --after-restore" in said
        said = await asyncio.to_thread(new.run, "check", "--after-restore")
        assert f"all {made.files} files" in said
        assert (new.folder / "secret.key").read_bytes() == (reachable / "one" / "keys/secret-keys").read_bytes()
        await pointed_at(server.url)
        async with reading() as session:
            rows = (await session.execute(text("SELECT storage_key, sha256 FROM document"))).all()
            happened = text(f"SELECT payload ->> 'number' FROM event WHERE type = '{TYPE}'")
            numbers = sorted(int(one) for one in (await session.scalars(happened)).all())
            assert authenticator_state(await staff_by_username(session, "jefa")) == "set"
        assert len(rows) == made.files
        for row in rows:
            data = (new.folder / "files" / row.storage_key).read_bytes()
            assert hashlib.sha256(data).digest() == bytes(row.sha256)
        await catch_up()
        assert sorted(heard) == numbers
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(EACH_IN_ITS_OWN.format(first=5_000, last=5_009, type=TYPE, subjects=7).encode())
        await catch_up()
        assert sorted(heard) == [*numbers, *range(5_000, 5_010)]
        # Nothing is restored over what is there.
        with pytest.raises(NotEmpty, match="isn't empty"):
            restoring.require_empty(server.url)
        with pytest.raises(NotEmpty, match="belongs to a database"):
            await restoring.require_free_store()  # that of the portal backed up
    finally:
        server.stop(mode="immediate")


async def test_after_a_restore_what_is_wrong_is_said(db: Database, portal: Place) -> None:
    document = await stored()
    await storage.remove([document.storage_key])
    write(db.url, 1, 3)
    with psycopg.connect(str(portal.url), autocommit=True) as connection:
        connection.execute("SELECT setval('procrastinate_jobs_id_seq', 1)")
        connection.execute(
            "INSERT INTO procrastinate_jobs (id, queue_name, task_name) VALUES (50, 'messages-email', 'x')"
        )
        connection.execute(
            "INSERT INTO event_consumer (name, partition, partitions, position, updated_at)"
            " VALUES ('drill', 0, 1, 900, now())"
        )
    said = await asyncio.to_thread(lambda: portal.run("check", "--after-restore", status=1))
    assert "1 of 1 files that rows name are missing" in said
    assert document.storage_key in said
    assert "procrastinate_jobs_id_seq is behind" in said
    assert "1 messages were waiting" in said
    assert "drill" in said


@pytest.mark.faults
async def test_a_killed_backup_leaves_nothing_that_looks_whole(db: Database, portal: Place, reachable: Path) -> None:
    await stored()
    target = reachable / "one"
    async with transaction() as session:
        await session.execute(text("LOCK TABLE sign_in_code"))  # there the dump stops
        process = portal.start("backup", str(target))
        await until_a_session_waits(db)
        process.kill()
        await session.execute(text(f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE {WAITING}"))
        process.wait()
    assert not target.exists()
    with pytest.raises(NotABackup, match="cut off"):
        manifest.verify(reachable / ".one.partial")
    await taking.take(str(portal.url), target, program="0", keys=Keys({}))
    assert manifest.verify(target).files == 1
    assert [path.name for path in reachable.iterdir() if path.name.startswith(".one")] == []
    with pytest.raises(BackupFailed, match="there already"):
        await taking.take(str(portal.url), target, program="0", keys=Keys({}))


async def test_a_file_removed_in_between_makes_the_dump_one_of_the_past(
    db: Database, portal: Place, reachable: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays = await stored()
    dump, get = taking._dump, storage.get
    dumps: list[int] = []
    late: list[Document] = []

    async def slow_dump(*arguments: object, **more: object) -> object:
        if not dumps:
            late.append(await stored())  # since the first look through the files
        dumps.append(1)
        return await dump(*arguments, **more)  # type: ignore[arg-type] # as it was called

    async def slow_get(key: str) -> bytes:
        if late and key == late[0].storage_key:
            await removed(late[0])
        return await get(key)

    monkeypatch.setattr(taking, "_dump", slow_dump)
    monkeypatch.setattr(storage, "get", slow_get)
    made = await taking.take(str(portal.url), reachable / "one", program="0", keys=Keys({}))
    assert len(dumps) == 2
    assert (made.files, made.lost) == (1, [])
    assert [one.key for one in manifest.listed(reachable / "one")] == [stays.storage_key]


async def test_a_lost_or_damaged_file_is_reported(db: Database, portal: Place, reachable: Path) -> None:
    lost, _whole = await stored(), await stored()
    await storage.remove([lost.storage_key])
    said = await asyncio.to_thread(lambda: portal.run("backup", str(reachable / "one"), status=1))
    assert "1 files that rows name are not in the store" in said
    assert manifest.verify(reachable / "one").lost == [lost.storage_key]
    for part in (manifest.DUMP, manifest.SECRET_KEYS):
        path = reachable / "one" / part
        before = path.read_bytes()
        path.write_bytes(before[:-1] + b"x")
        with pytest.raises(NotABackup, match="damaged"):
            manifest.verify(reachable / "one")
        path.write_bytes(before)
    found = json.loads((reachable / "one" / manifest.MANIFEST).read_bytes())
    (reachable / "one" / manifest.MANIFEST).write_text(json.dumps(found | {"format": 9}))
    with pytest.raises(NotABackup, match="another version"):
        manifest.verify(reachable / "one")


async def test_keys_are_rotated_in_steps_that_can_be_broken_off(
    db: Database, portal: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await staff()
    old = (portal.folder / "secret.key").read_text()
    monkeypatch.setenv("VENTANILLA_SECRET_KEY", "n" * 40)
    forget_all()
    (lost,) = [one for one in await key_rotation.rotate() if one.unreadable]
    assert (lost.column, lost.encrypted) == ("staff.totp_secret_encrypted", 0)
    portal.more = {"VENTANILLA_SECRET_KEY": "n" * 40, "VENTANILLA_SECRET_KEY_FALLBACKS": old}
    said = await asyncio.to_thread(portal.run, "keys", "rotate")
    assert "Nothing stored needs an older key" in said
    assert "until 20" in said
    # The old key is gone, and the authenticator is read all the same. To do it again does nothing.
    counted = {one.column: one for one in await key_rotation.rotate()}
    assert (counted["staff.totp_secret_encrypted"].current, counted["staff.totp_secret_encrypted"].encrypted) == (1, 0)


async def test_many_rows_are_rotated_in_batches(db: Database, portal: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c", "d", "e"):
        await staff(name)
    (portal.folder / "secret.key").write_text("n" * 40 + "\n" + (portal.folder / "secret.key").read_text())
    forget_all()
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    reencrypt, calls = crypto.reencrypt, 0

    def broken(purpose: str, ciphertext: bytes) -> bytes | None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise ConnectionError
        return reencrypt(purpose, ciphertext)

    monkeypatch.setattr(crypto, "reencrypt", broken)
    with pytest.raises(ConnectionError):
        await key_rotation.rotate()
    counted = {one.column: one for one in await key_rotation.rotate()}
    # The batch that was broken off is done again whole; the one before it was committed.
    assert (counted["staff.totp_secret_encrypted"].current, counted["staff.totp_secret_encrypted"].encrypted) == (2, 3)
