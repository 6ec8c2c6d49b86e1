"""Every form of staff, sent bare: without its unit and with one that isn't, by staff of several units."""

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.kernel import ids
from app.kernel.actor import Role
from tests.requests import steps
from tests.requests.conftest import Scene
from tests.web.browser import signed_in_browser

OTHERS = ("/ventanilla/quiosco", "/ventanilla/entrar", "/ventanilla/asistida", "/ventanilla/salir")
QUERIES = ("", "?unidad=zzzz")
SERVER_ERROR = 500


def forms_of_staff(app: FastAPI) -> list[str]:
    routes = [route for route in app.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())]
    return sorted(
        {one.path for one in routes if one.path.startswith("/ventanilla/") and not one.path.startswith(OTHERS)}
    )


def filled(path: str) -> str:
    """Each parameter of the path as an id that names nothing."""
    parts = [str(ids.new_id()) if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.RECEPTIONIST])
async def test_a_form_without_its_unit_is_no_error_of_ours(app: FastAPI, scene: Scene, role: Role) -> None:
    hired = await steps.hire(scene, role, scene.unit, await steps.unit(scene, "UMF 8 Tijuana Norte"))
    tab = await signed_in_browser(app, scene.db, staff_id=hired.staff_id)
    await tab.get("/ventanilla")
    csrf = tab.hidden("csrf")
    paths = forms_of_staff(app)
    assert len(paths) > 40
    broken = []
    for path in paths:
        for query in QUERIES:
            answer = await tab.client.post(filled(path) + query, data={"csrf": csrf, "page": "/ventanilla"})
            if answer.status_code >= SERVER_ERROR:
                broken.append((path, query))
    assert broken == []
