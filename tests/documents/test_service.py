"""Store, list, open, review and delete: what is refused leaves nothing behind, what is stored comes back as it was."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.documents import service, storage
from app.documents.models import Document
from app.documents.problems import FileNotAccepted, FileTooLarge, StorageUnavailable
from app.documents.service import LONGEST_NAME, MEGABYTE, clean_name
from app.kernel.problems import NotFound
from tests.documents.conftest import Configure, files_in
from tests.documents.factories import JPEG, keep
from tests.documents.samples import HTML, pdf, picture

PNG, PDF = picture("PNG"), pdf()


async def nothing_stored(session: AsyncSession, folder: Path) -> bool:
    rows = (await session.execute(select(func.count()).select_from(Document))).scalar_one()
    return rows == 0 and files_in(folder) == []


async def test_what_is_stored_comes_back_as_it_was(session: AsyncSession, storage_folder: Path) -> None:
    stored = await keep(session, JPEG, name="Acta de Núñez.jpeg")
    session.expunge_all()
    [found] = await service.documents_of(session, stored.person_id, stored.subject_id)
    assert (found.kind, found.file_name, found.media_type) == ("proof", "Acta de Núñez.jpg", "image/jpeg")
    assert (found.size, found.sha256) == (len(JPEG), hashlib.sha256(JPEG).digest())
    assert (found.scan, found.state, found.reason) == ("unscanned", "received", None)
    assert await service.read_content(found) == JPEG
    assert [path.read_bytes() for path in files_in(storage_folder)] == [JPEG]


async def test_a_file_is_what_its_content_says(session: AsyncSession, storage_folder: Path) -> None:
    stored = await keep(session, PNG, name="cédula.pdf")
    assert (stored.file_name, stored.media_type) == ("cédula.png", "image/png")


async def test_a_page_called_a_photo_is_refused(session: AsyncSession, storage_folder: Path) -> None:
    with pytest.raises(FileNotAccepted):
        await keep(session, HTML, name="foto.jpg")
    assert await nothing_stored(session, storage_folder)


@pytest.mark.parametrize(("data", "name"), [(PDF, "acta.pdf"), (PDF, "acta.jpg"), (PNG, "acta.png")])
async def test_only_the_formats_of_this_kind_are_taken(
    session: AsyncSession, storage_folder: Path, data: bytes, name: str
) -> None:
    with pytest.raises(FileNotAccepted):
        await keep(session, data, name=name, formats=["jpeg"])
    assert await nothing_stored(session, storage_folder)


async def test_a_file_may_be_as_large_as_its_kind_says_and_no_larger(
    session: AsyncSession, storage_folder: Path
) -> None:
    with pytest.raises(FileTooLarge) as refused:
        await keep(session, JPEG.ljust(MEGABYTE + 1, b"\0"), max_mb=1)
    assert refused.value.text() == "Puede medir hasta 1 MB."
    assert await nothing_stored(session, storage_folder)
    assert (await keep(session, JPEG.ljust(MEGABYTE, b"\0"), max_mb=1)).size == len(JPEG), "nothing follows the end"


async def test_no_kind_takes_more_than_the_portal(
    session: AsyncSession, storage_folder: Path, configure: Configure
) -> None:
    configure(MAX_UPLOAD_BYTES="65536")
    with pytest.raises(FileTooLarge) as refused:
        await keep(session, JPEG.ljust(65_537, b"\0"), max_mb=5)
    assert refused.value.text() == "Puede medir hasta 0.0625 MB."
    assert (await keep(session, JPEG.ljust(65_536, b"\0"), max_mb=5)).size == len(JPEG)


async def test_storage_names_are_random_and_say_nothing(session: AsyncSession, storage_folder: Path) -> None:
    keys = {(await keep(session, name="NUÑEZ-0001.jpg")).storage_key for _ in range(20)}
    assert len(keys) == 20
    stems = {key.removeprefix("documents/").replace("/", "") for key in keys}
    assert {len(stem) for stem in stems} == {32}  # 24 bytes in base 64
    assert all("0001" not in str(path) and path.suffix == "" for path in files_in(storage_folder))


NAMES = {
    "acta.pdf": "acta.jpg",
    "Acta de Núñez Peña.JPEG": "Acta de Núñez Peña.jpg",
    "../../../etc/passwd": "passwd.jpg",
    "..\\..\\windows\\win.ini": "win.jpg",
    "/etc/shadow": "shadow.jpg",
    "C:\\Mis documentos\\foto.png": "foto.jpg",
    "a\x00b\r\nSet-Cookie: x=1.jpg": "abSet-Cookie x=1.jpg",
    "factura\u202egpj.exe": "facturagpj.jpg",
    'a"b<c>d|e:f*g?.jpg': "abcdefg.jpg",
    "dos.puntos.pdf": "dos.puntos.jpg",
    "": "documento.jpg",
    ".": "documento.jpg",
    "..": "documento.jpg",
    "....pdf": "documento.jpg",
    ".htaccess": "documento.jpg",
    "carpeta/": "documento.jpg",
    "  .jpg": "documento.jpg",
    "x" * 5000 + ".jpg": "x" * LONGEST_NAME + ".jpg",
}


@pytest.mark.parametrize(("given_name", "cleaned"), NAMES.items(), ids=range(len(NAMES)))
def test_names_are_cleaned(given_name: str, cleaned: str) -> None:
    assert clean_name(given_name, "jpeg") == cleaned


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_its_name_a_file_gets_one_that_harms_no_one(name: str) -> None:
    cleaned = clean_name(name, "pdf")
    stem = cleaned.removesuffix(".pdf")
    assert cleaned.endswith(".pdf")
    assert stem
    assert not stem.startswith((".", " "))
    assert cleaned.isprintable()
    assert not set(cleaned) & set('/\\"<>|:*?')
    assert len(stem) <= LONGEST_NAME


async def test_documents_are_those_of_the_person_and_subject_oldest_first(
    session: AsyncSession, storage_folder: Path
) -> None:
    first = await keep(session)
    second = await keep(session, PNG, person_id=first.person_id, subject_id=first.subject_id)
    other_subject = await keep(session, person_id=first.person_id)
    other_person = await keep(session, subject_id=first.subject_id)
    assert await service.documents_of(session, first.person_id, first.subject_id) == [first, second]
    assert await service.document_of(session, first.person_id, first.subject_id, second.id) is second
    for other in (other_subject, other_person):
        with pytest.raises(NotFound):
            await service.document_of(session, first.person_id, first.subject_id, other.id)


async def test_content_changed_in_storage_is_noticed(session: AsyncSession, storage_folder: Path) -> None:
    stored = await keep(session)
    [path] = files_in(storage_folder)
    path.write_bytes(JPEG[:-1] + b"x")
    with pytest.raises(NotFound):
        await service.read_content(stored)


async def test_content_removed_from_storage_is_not_found(session: AsyncSession, storage_folder: Path) -> None:
    stored = await keep(session)
    [path] = files_in(storage_folder)
    path.unlink()
    with pytest.raises(NotFound):
        await service.read_content(stored)


async def test_while_storage_is_unavailable_nothing_is_stored(session: AsyncSession, storage_folder: Path) -> None:
    storage_folder.write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable) as refused:
        await keep(session)
    assert refused.value.status == 503
    storage_folder.unlink()
    assert await nothing_stored(session, storage_folder)
    assert (await keep(session)).size == len(JPEG)  # and once it is back, it is used


async def test_an_officer_s_decision_is_stored_with_its_reason(session: AsyncSession, storage_folder: Path) -> None:
    stored = await keep(session)
    service.review(stored, "rejected", "No se lee")
    await session.flush()
    assert (stored.state, stored.reason) == ("rejected", "No se lee")
    service.review(stored, "accepted", "olvidado")
    await session.flush()
    assert (stored.state, stored.reason) == ("accepted", None)


async def test_a_deleted_document_is_not_found_and_its_bytes_are_removed(
    session: AsyncSession, storage_folder: Path
) -> None:
    stored, other = await keep(session), await keep(session)
    key = await service.delete_document(session, stored)
    assert await service.documents_of(session, stored.person_id, stored.subject_id) == []
    assert len(files_in(storage_folder)) == 2  # until it is committed, it might still be there
    await storage.remove([key, key])
    assert await service.read_content(other) == JPEG
    assert len(files_in(storage_folder)) == 1


async def test_all_of_a_subject_are_dropped_and_no_other(session: AsyncSession, storage_folder: Path) -> None:
    first = await keep(session)
    second = await keep(session, person_id=first.person_id, subject_id=first.subject_id)
    other = await keep(session, person_id=first.person_id)
    keys = await service.delete_documents(session, first.person_id, first.subject_id)
    assert sorted(keys) == sorted([first.storage_key, second.storage_key])
    assert await service.documents_of(session, first.person_id, first.subject_id) == []
    assert await service.documents_of(session, first.person_id, other.subject_id) == [other]
