"""A disk that is full, read-only or broken: the answer says so, nothing acknowledged is lost, it mends by itself."""

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from fastapi import FastAPI
from PIL import Image

from tests.documents.conftest import files_in
from tests.documents.failing_disk import TROUBLE, failing
from tests.documents.samples import picture
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """As on a full disk: the system writes no file of this process beyond this size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def large() -> bytes:
    """A photo of half a megabyte."""
    stored = BytesIO()
    Image.effect_noise((900, 900), 90).save(stored, "JPEG", quality=95)
    return stored.getvalue()


async def test_with_the_disk_full_an_upload_is_answered_clearly_and_works_again_by_itself(
    scene: Scene, files: Path
) -> None:
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    before = await scene.citizen.attach(folio, "evidence", large())
    assert before.status_code == 201
    with no_file_over(200_000):
        full = await scene.citizen.attach(folio, "evidence", large())
    assert (full.status_code, full.json()["type"]) == (503, "/problems/unavailable")
    assert full.json()["detail"] == "No hay espacio para recibir archivos. No se guardó nada."
    assert "retry-after" in full.headers
    assert len((await scene.citizen.get(folio))["documents"]) == 1
    where = f"/api/v1/requests/{folio}/documents/{before.json()['id']}"
    assert (await scene.client.get(where, headers=scene.citizen.headers)).status_code == 200
    assert (await scene.citizen.attach(folio, "evidence", large())).status_code == 201


@pytest.mark.parametrize("number", TROUBLE, ids=errno.errorcode.get)
async def test_with_the_store_s_disk_in_trouble_the_form_says_so(
    app: FastAPI, scene: Scene, files: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folio = (await scene.citizen.start("complaint", **steps.STORY)).json()["folio"]
    browser = await signed_in_browser(app, scene.db, person_id=scene.ana.id)
    await browser.get(f"/tramites/{folio}/documentos")
    photo = {"file-evidence": ("foto.jpg", picture("JPEG"))}
    with monkeypatch.context() as trouble:
        trouble.setattr(os, "fsync", failing(number))
        answer = await browser.send(f"/tramites/{folio}/documentos", photo, kind="evidence")
        assert answer.status_code == 503
        assert "Error: No podemos guardar ni mostrar archivos en este momento." in browser.text
        await browser.send(f"/en/tramites/{folio}/documentos", photo, kind="evidence")
        assert "Error: We can't save or show files just now." in browser.text
    assert (await scene.citizen.get(folio))["documents"] == []
    assert files_in(files) == []
    assert (await browser.send(f"/tramites/{folio}/documentos", photo, kind="evidence")).status_code == 303
