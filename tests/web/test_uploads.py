"""A file sent in a form: what is wrong with it is said at its field, in a sentence; the form keeps its values."""

from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import text

from tests.documents import samples
from tests.documents.hostile import jpeg_of_any_size
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import Browser, signed_in_browser

HEIC = Path(samples.__file__).with_name("acta.heic")
PDF = samples.pdf()
COMPLEX = "No podemos aceptar el archivo: es demasiado complejo."
SPLIT = "Tome una foto del documento, o divida el PDF en partes."
ADVICE = "Tome la foto otra vez, o guarde el PDF de nuevo y envíelo."

REFUSED: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 422, "El archivo está vacío. Elija otra vez la foto o el PDF, o tome una foto nueva."),
    "locked": (
        samples.pdf(password="secreto"),
        422,
        "El PDF tiene contraseña y no podemos abrirlo. Guárdelo sin contraseña, o tome una foto del documento.",
    ),
    "half a photo": (samples.picture("JPEG")[:2000], 422, f"El archivo está dañado o incompleto. {ADVICE}"),
    "half a PDF": (PDF[: len(PDF) // 2], 422, f"El archivo está dañado o incompleto. {ADVICE}"),
    "another kind": (
        b"PK\x03\x04" + bytes(200),
        422,
        "Ese tipo de archivo no sirve para este documento. Envíe una foto (JPG, PNG, WebP o HEIC) o un PDF.",
    ),
    "too many pages": (
        samples.pdf(201),
        422,
        f"{COMPLEX} El PDF tiene más de 200 páginas. {SPLIT}",
    ),
    "too many pixels": (
        jpeg_of_any_size(),
        422,
        f"{COMPLEX} La imagen tiene demasiados puntos. {SPLIT}",
    ),
    "larger than its kind may be": (
        b"\xff\xd8\xff" + bytes(10 << 20),
        413,
        "El archivo es demasiado grande. Puede medir hasta 10 MB. Tome la foto con menos calidad o divida el PDF.",
    ),
    "larger than any may be": (
        b"\xff\xd8\xff" + bytes(30 << 20),
        413,
        "El archivo es demasiado grande. Puede medir hasta 10 MB. Tome la foto con menos calidad o divida el PDF.",
    ),
}


async def drafted(app: FastAPI, scene: Scene) -> tuple[Browser, str]:
    """A complaint begun, and its page of documents."""
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get(f"/tramites/{folio}/documentos")
    return browser, folio


@pytest.mark.parametrize(("data", "status", "sentence"), REFUSED.values(), ids=REFUSED)
async def test_what_is_wrong_is_said_at_the_field_and_the_form_keeps_its_values(
    app: FastAPI, scene: Scene, data: bytes, status: int, sentence: str
) -> None:
    browser, folio = await drafted(app, scene)
    answer = await browser.send(f"/tramites/{folio}/documentos", {"file-evidence": ("foto.jpg", data)}, kind="evidence")
    assert answer.status_code == status
    assert f"Error: {sentence}" in browser.text
    assert 'id="file-evidence-error"' in browser.html
    assert 'name="file-evidence" type="file"' in browser.html
    again = {"file-evidence": ("foto.jpg", samples.picture("JPEG"))}
    assert (await browser.send(f"/tramites/{folio}/documentos", again, kind="evidence")).status_code == 303


async def test_the_sentence_is_of_the_page_s_language(app: FastAPI, scene: Scene) -> None:
    browser, folio = await drafted(app, scene)
    await browser.send(f"/en/tramites/{folio}/documentos", {"file-evidence": ("foto.jpg", b"")}, kind="evidence")
    assert "Error: The file is empty. Choose the photo or the PDF again, or take a new photo." in browser.text


async def test_a_format_that_is_not_accepted_is_reported_with_those_that_are(app: FastAPI, scene: Scene) -> None:
    folio = (await scene.citizen.start("pension")).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get(f"/tramites/{folio}/documentos")
    await browser.send(f"/tramites/{folio}/documentos", {"file-photograph": ("a.pdf", PDF)}, kind="photograph")
    assert "Ese tipo de archivo no sirve para este documento. Para este documento se acepta: JPG, PNG, WebP." in (
        browser.text
    )


@pytest.mark.parametrize("name", ["acta.heic", "foto.jpg"])
async def test_a_heic_is_stored_as_jpeg_whatever_it_is_called(app: FastAPI, scene: Scene, name: str) -> None:
    browser, folio = await drafted(app, scene)
    sent = await browser.send(
        f"/tramites/{folio}/documentos", {"file-evidence": (name, HEIC.read_bytes())}, kind="evidence"
    )
    assert sent.status_code == 303
    [document] = (await scene.citizen.get(folio))["documents"]
    assert document["file_name"] == name.rsplit(".", 1)[0] + ".jpg"
    where = f"/tramites/{folio}/documentos/{document['id']}"
    got = await browser.client.get(where)
    assert got.headers["content-type"] == "image/jpeg"
    with Image.open(BytesIO(got.content)) as image:
        assert image.format == "JPEG"


async def test_a_photo_may_take_a_while(app: FastAPI, scene: Scene) -> None:
    browser, folio = await drafted(app, scene)
    async with scene.db.transaction() as session:
        await session.execute(text("UPDATE web_session SET seen_at = seen_at - interval '5 minutes'"))
    photo = {"file-evidence": ("foto.jpg", samples.picture("JPEG"))}
    assert (await browser.send(f"/tramites/{folio}/documentos", photo, kind="evidence")).status_code == 303


async def test_no_file_chosen_is_said_too(app: FastAPI, scene: Scene) -> None:
    browser, folio = await drafted(app, scene)
    await browser.send(f"/tramites/{folio}/documentos", kind="evidence")
    assert "Error: Elija un archivo o tome una foto." in browser.text


async def test_without_a_session_the_way_to_sign_in_is_shown(app: FastAPI, scene: Scene) -> None:
    browser, folio = await drafted(app, scene)
    browser.client.cookies.clear()
    answer = await browser.client.post(
        f"/tramites/{folio}/documentos",
        files={"file-evidence": ("a.jpg", samples.picture("JPEG"))},
        headers={"Referer": f"http://127.0.0.1:8000/tramites/{folio}/documentos", "Accept": "text/html"},
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"/entrar?next=/tramites/{folio}/documentos")
