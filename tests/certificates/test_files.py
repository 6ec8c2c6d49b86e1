"""Whether a PDF is ours, unchanged: by its bytes, else by the signature inside it; and what its verification shows."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import delete, func, select

from app.certificates import service
from app.certificates.models import Certificate, UnprintableCertificate
from app.certificates.problems import GlyphsMissing
from app.registry.models import Person
from tests.certificates import factories
from tests.certificates.actions import facts as events
from tests.certificates.actions import issued, verified
from tests.certificates.conftest import Configure, files_in
from tests.conftest import Database

CHECK = "/api/v1/certificates/check"


async def checked(client: httpx.AsyncClient, data: bytes, language: str = "es") -> tuple[str, dict[str, object] | None]:
    sent = await client.post(CHECK, files={"file": ("hoja.pdf", data)}, headers={"Accept-Language": language})
    assert sent.status_code == 200, sent.text
    return sent.json()["status"], sent.json()["certificate"]


async def bytes_of(certificate: Certificate) -> bytes:
    return await service.read_content(certificate)


async def test_the_very_bytes_are_ours_and_stand_or_not(client: httpx.AsyncClient, db: Database, ana: Person) -> None:
    weeks = await issued(db, factories.request(ana.id, "weeks"))
    data = await bytes_of(weeks)
    status, certificate = await checked(client, data)
    assert certificate is not None
    assert (status, certificate["folio"], certificate["status"]) == ("ours", weeks.folio, "valid")
    await issued(db, factories.request(ana.id, "weeks", decided_at=factories.DECIDED + timedelta(days=3)))
    status, certificate = await checked(client, data)
    assert certificate is not None
    assert (status, certificate["status"]) == ("ours", "superseded")


async def test_one_byte_changed_anywhere_that_is_signed_is_seen(
    client: httpx.AsyncClient, db: Database, ana: Person
) -> None:
    data = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    _start, length, second, _rest = PdfFileReader(BytesIO(data)).embedded_signatures[0].byte_range
    place = data.index(b"/Length")
    assert place < length < second
    stream = data.index(b"stream", place) + 40
    for at in (stream, stream + 300):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert await checked(client, changed) == ("altered", None)


async def test_what_is_added_after_the_signature_is_seen(client: httpx.AsyncClient, db: Database, ana: Person) -> None:
    data = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    writer = IncrementalPdfFileWriter(BytesIO(data))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()  # type: ignore[no-untyped-call]
    added = BytesIO()
    writer.write(added)  # type: ignore[no-untyped-call]
    assert await checked(client, added.getvalue()) == ("altered", None)
    assert await checked(client, data + b"\n") == ("altered", None)


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"GIF89a", b"\x00" * 1000, factories.document_pdf("nss").data])
async def test_what_has_no_signature_of_ours_is_not_ours(client: httpx.AsyncClient, data: bytes) -> None:
    assert await checked(client, data) == ("not-ours", None)


async def test_anothers_signature_is_not_ours(
    client: httpx.AsyncClient, db: Database, ana: Person, configure: Configure, tmp_path: Path
) -> None:
    configure(DATA_DIR=str(tmp_path / "other"))
    data = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    configure(DATA_DIR=str(tmp_path / "ours"))
    async with db.transaction() as session:
        await session.execute(delete(Certificate))
    assert await checked(client, data) == ("not-ours", None)


async def test_documents_signed_with_a_former_key_stay_ours(
    client: httpx.AsyncClient, db: Database, ana: Person, configure: Configure, tmp_path: Path
) -> None:
    former = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    configure(DATA_DIR=str(tmp_path / "new"))
    assert (await checked(client, former))[0] == "ours"
    assert (await checked(client, former + b" "))[0] == "altered"


async def test_a_signature_that_holds_on_an_unknown_document_is_said(
    client: httpx.AsyncClient, db: Database, ana: Person
) -> None:
    data = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    async with db.transaction() as session:
        await session.execute(delete(Certificate))
    assert await checked(client, data) == ("unregistered", None)


async def test_a_file_made_to_hold_the_machine_is_given_up(client: httpx.AsyncClient) -> None:
    bomb = Path(__file__).parent.parent / "documents" / "d-xref-3-million.pdf"
    data = (
        bomb.read_bytes()
        if bomb.exists()
        else b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Size 3 >>"
    )
    assert await checked(client, data) == ("not-ours", None)


async def test_a_wrong_file_is_counted_and_a_right_one_is_not(
    client: httpx.AsyncClient, db: Database, ana: Person
) -> None:
    data = await bytes_of(await issued(db, factories.request(ana.id, "weeks")))
    for _ in range(service.VERIFICATION_POLICY.free + 3):
        answer = await client.post(CHECK, files={"file": ("x.pdf", b"x")})
    assert answer.status_code == 429
    assert (await client.post(CHECK, files={"file": ("x.pdf", data)})).status_code == 429


async def test_a_file_of_more_than_a_megabyte_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(CHECK, files={"file": ("x.pdf", b"%PDF-" + bytes(1 << 20))})).status_code == 413


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("nss", {"Número que se acredita": "•••8903"}),
        (
            "vigencia",
            {
                "Derecho a la atención médica": "Vigente",
                "Con derecho hasta": "1 de diciembre de 2026",
                "Personas dependientes": "2",
                "Hija o hijo": "Ángela Ñ.: Mientras dure el del titular",
                "Madre o padre": "José P.: 24 dic 2026",
            },
        ),
        ("weeks", {"Semanas cotizadas": "1,043", "Días cotizados": "7,300", "Semanas descontadas por retiros": "12"}),
        ("sick-leave", {"Total pagado (pesos)": "$41,234.50", "Incapacidades": "1"}),
        ("not-insured", {"Afiliación vigente en la fecha de expedición": "No consta ninguna"}),
        ("resolution", {"Clínica nueva": "UMF 9 Ñandú", "Motivo": "El domicilio corresponde."}),
    ],
)
async def test_what_is_certified_is_shown_to_who_has_folio_and_code(
    db: Database, ana: Person, template: str, shown: dict[str, str]
) -> None:
    made = await issued(db, factories.request(ana.id, template))
    found = await verified(db, made.folio, made.code)
    facts = dict(found.facts)
    assert shown.items() <= facts.items(), facts
    assert factories.NSS not in str(facts)
    assert "Ñúñez" not in str(facts)


async def test_a_document_with_letters_that_are_not_drawn_waits_for_staff(
    db: Database, ana: Person, files: Path
) -> None:
    request = factories.request(
        ana.id,
        "nss",
        result=factories.result("nss") | {"person": factories.result("nss")["person"] | {"name": "陈 王"}},
    )
    for _ in range(2):
        with pytest.raises(GlyphsMissing):
            await issued(db, request)
    assert files_in(files) == []
    async with db.transaction() as session:
        (stored,) = (await session.scalars(select(UnprintableCertificate))).all()
        assert await session.scalar(select(func.count()).select_from(Certificate)) == 0
    assert (stored.letters, stored.request_folio) == ("陈 王", request.folio)
    (held,) = await events(db, "certificate.unprintable")
    assert "陈" not in str(held.payload)
