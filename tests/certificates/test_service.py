"""Issued once, served the same ever after; what stands and what doesn't; and who is shown what."""

import asyncio
import errno
import hashlib
import os
import threading
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import obstore
import pytest
import typst
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from obstore.exceptions import GenericError
from sqlalchemy import text

from app.certificates import service
from app.certificates.models import Certificate
from app.certificates.problems import NoCertificate, SigningUnavailable
from app.documents import storage
from app.documents.problems import StorageUnavailable
from app.kernel import ids
from app.kernel.problems import NotFound
from app.registry.models import Person
from tests.appointments import factories as people
from tests.certificates import factories
from tests.certificates.actions import again, facts, issued, rows
from tests.certificates.conftest import Configure, files_in
from tests.certificates.pdf_reader import PdfDocument
from tests.certificates.validation import validated
from tests.conftest import Database
from tests.examples import examples


async def test_it_is_issued_once_and_stays_the_same(db: Database, ana: Person, files: Path) -> None:
    request = factories.request(ana.id)
    first = await issued(db, request)
    content = await service.read_content(first)
    request.result = factories.result("nss")  # whatever becomes of the request
    second = await issued(db, request)
    assert (second.id, await service.read_content(second)) == (first.id, content)
    assert len(files_in(files)) == 1
    assert (first.sha256, first.size) == (hashlib.sha256(content).digest(), len(content))
    assert validated(content).bottom_line
    text = PdfDocument(content).text()
    assert f"Folio : {first.folio}" in text
    assert f"Código : {first.code[:5]}-{first.code[5:]}" in text
    assert "Nombre : Ana Núñez Peña" in text


async def test_the_row_says_what_the_page_needs_and_no_more(db: Database, ana: Person) -> None:
    made = await issued(db, factories.request(ana.id))
    assert ids.parse_folio(made.folio) == made.folio
    assert made.folio.startswith("K-")
    assert set(made.code) <= set(ids.ALPHABET)
    assert (made.template, made.language, made.holder_label) == ("vigencia", "es", "Ana N. P.")
    assert (made.issued_on, made.valid_until) == (date(2026, 11, 25), date(2026, 12, 25))


async def test_issuing_is_recorded_by_ids_only(db: Database, ana: Person) -> None:
    request = factories.request(ana.id, unit_id=ana.unit_id)
    made = await issued(db, request)
    (fact,) = await facts(db, "certificate.issued")
    assert (fact.subject_id, fact.person_id, fact.unit_id) == (made.id, ana.id, ana.unit_id)
    assert (fact.service, fact.service_version, fact.actor_id) == ("vigencia", request.service_version, ana.id)
    assert fact.payload == {"request_id": str(request.id), "template": "vigencia", "language": "es"}
    await issued(db, request)
    assert len(await facts(db, "certificate.issued")) == 1


async def test_each_language_is_a_document_of_its_own(db: Database, ana: Person, files: Path) -> None:
    request = factories.request(ana.id)
    spanish, english = await issued(db, request), await issued(db, request, "en")
    assert spanish.folio != english.folio
    assert "Certificate of rights in force" in PdfDocument(await service.read_content(english)).text()
    assert len(files_in(files)) == 2
    assert [(await again(db, one)).superseded_by for one in (spanish, english)] == [None, None]


@pytest.mark.parametrize(
    "changed",
    [
        {"outcome": "refused"},
        {"outcome": None, "decided_at": None},
        {"result": {}},
        {"result": {"rows": []}},
        {"result": {"template": None}},
    ],
)
async def test_without_approval_or_snapshot_there_is_none(
    db: Database, ana: Person, files: Path, changed: dict[str, Any]
) -> None:
    with pytest.raises(NoCertificate):
        await issued(db, factories.request(ana.id, **changed))
    assert (files_in(files), await rows(db)) == ([], 0)


async def test_twenty_at_once_make_one(db: Database, ana: Person, files: Path) -> None:
    request = factories.request(ana.id)
    made = await asyncio.gather(*(issued(db, request) for _ in range(20)))
    assert len({one.id for one in made}) == 1
    assert await rows(db) == 1
    assert len(files_in(files)) == 1
    assert len(await facts(db, "certificate.issued")) == 1
    assert validated(await service.read_content(made[0])).bottom_line


@examples(30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
async def test_any_byte_changed_in_storage_is_noticed(files: Path, share: float, flip: int) -> None:
    pdf = b"%PDF-1.7 " + bytes(range(256))
    key = storage.new_key("certificates")
    await storage.put(key, pdf)
    stored = Certificate(id=ids.new_id(), storage_key=key, sha256=hashlib.sha256(pdf).digest())
    assert await service.read_content(stored) == pdf
    changed = bytearray(pdf)
    changed[int(share * len(pdf))] ^= flip
    (files / key).write_bytes(changed)
    with pytest.raises(NotFound):
        await service.read_content(stored)


class Unavailable:
    """A storage that doesn't answer."""

    async def __call__(self, *_given: Any, **_more: Any) -> None:
        raise GenericError("no route to host")


def _broken_disk(_descriptor: int) -> None:
    raise OSError(errno.EIO, "the disk is broken")


async def test_with_the_storage_unavailable_nothing_is_issued(
    db: Database, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = factories.request(ana.id)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(os, "fsync", _broken_disk)
        with pytest.raises(StorageUnavailable):
            await issued(db, request)
    assert (await rows(db), await facts(db, "certificate.issued")) == (0, [])
    made = await issued(db, request)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(obstore, "get_async", Unavailable())
        with pytest.raises(StorageUnavailable):
            await service.read_content(made)
    assert PdfDocument(await service.read_content(made)).pages()


async def test_when_the_row_cannot_be_written_the_bytes_go_too(db: Database, ana: Person, files: Path) -> None:
    no_one = factories.request(UUID(int=7))
    with pytest.raises(Exception, match="No row was found"):
        async with db.transaction() as session:
            await service.issue(session, people.citizen(ana), no_one, "es")
    assert files_in(files) == []


async def test_the_loser_is_served_even_if_its_bytes_stay(
    db: Database, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(obstore, "delete_async", Unavailable())
    made = await asyncio.gather(*(issued(db, factories.request(ana.id, id=UUID(int=5))) for _ in range(4)))
    assert len({one.id for one in made}) == 1


async def test_without_a_key_what_was_issued_is_served_all_the_same(
    db: Database, ana: Person, configure: Configure, tmp_path: Path
) -> None:
    request = factories.request(ana.id)
    first = await issued(db, request)
    configure(SIGNING_KEY=str(tmp_path / "nada.p12"))
    second = await issued(db, request)
    assert (second.id, await service.read_content(second)) == (first.id, await service.read_content(first))


async def test_production_without_a_key_leaves_nothing_behind(
    db: Database, ana: Person, files: Path, configure: Configure
) -> None:
    configure(ENVIRONMENT="production", DATABASE_URL="postgresql://x/y")
    with pytest.raises(SigningUnavailable):
        await issued(db, factories.request(ana.id))
    assert (files_in(files), await rows(db)) == ([], 0)


async def test_the_loop_is_free_while_the_page_is_made(
    db: Database, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_in: list[str] = []
    typeset = typst.compile

    def watched(*given: Any, **more: Any) -> Any:
        made_in.append(threading.current_thread().name)
        return typeset(*given, **more)

    monkeypatch.setattr(typst, "compile", watched)
    await issued(db, factories.request(ana.id))
    assert made_in
    assert threading.main_thread().name not in made_in


async def test_no_statement_changes_a_certificate_to_half_superseded(db: Database, ana: Person) -> None:
    await issued(db, factories.request(ana.id))
    with pytest.raises(Exception, match="ck_certificate_superseded"):
        async with db.transaction() as session:
            await session.execute(text("UPDATE certificate SET superseded_at = now()"))
