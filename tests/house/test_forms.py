"""Every form with an effect carries what its page showed and an idempotency key, and its route compares them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.web import assisted, effects, pages
from app.web.assisted_paths import PREFIX

TEMPLATES = Path(pages.__file__).parent / "templates"

# Forms that change nothing that is anyone's, by their route: why each needs no comparison.
WITHOUT_EFFECT = {
    "/entrar": "asks for a code: what it proves is compared with itself",
    "/citas/identidad": "asks for a code",
    "/entrar/contacto": "asks for a code",
    "/citas/contacto": "asks for a code",
    "/entrar/sin-numero": "asks for a code",
    "/citas/sin-numero": "asks for a code",
    "/entrar/codigo": "a proof of who one is: the code itself is compared",
    "/citas/codigo": "a proof of who one is",
    "/entrar/otro-codigo": "asks for a code",
    "/citas/otro-codigo": "asks for a code",
    "/entrar/enlace/{token}": "a proof of who one is",
    "/ventanilla/alta/{token}": "a proof of who one is: the link is used up",
    "/ventanilla/entrar": "a proof of who one is",
    "/salir": "ends the session, whatever the page showed",
    "/ventanilla/salir": "ends the session",
    "/folio": "looks something up",
    "/verificar": "looks something up",
    "/verificar/archivo": "looks something up",
    "/ventanilla/buscar": "looks something up",
    "/ventanilla/personal/buscar": "looks something up",
    "/ventanilla/recepcion": "looks something up",
    "/ventanilla/recepcion/turno/{ticket_id}/correccion": "looks something up",
    "/ventanilla/recepcion/turno/{ticket_id}/persona": "looks something up",
    "/ventanilla/accesos": "looks something up",
    "/mi/confirmar": "asks for a code",
    "/ventanilla/agenda/pendientes": "sent by a script: an entry has its own id, and is compared when it is merged",
    "/ventanilla/agenda/numeros": "sent by a script: numbers that no one else has, used or not",
    "/ventanilla/quiosco/vincular": "a proof of which device it is: the code is used up",
    "/pantalla/vincular": "a proof of which device it is",
}
# Routes whose form is looked at and shown again: a preview, more time. They act on nothing that the page showed.
SERVED = f"{PREFIX}/{{{assisted.PERSON}}}"
"""The same pages for staff who act for a person take the same forms."""
LOOKS = {
    "/ventanilla/solicitudes/{folio:folio}/decidir",
    "/ventanilla/solicitudes/{folio:folio}/sigo",
    "/ventanilla/solicitudes/{folio:folio}/enviar/buscar",
    "/ventanilla/cola/varias",
    "/ventanilla/jefatura/agendas/nueva/vista",
    "/ventanilla/jefatura/agendas/{schedule_id}/vista",
    "/ventanilla/jefatura/cierres/vista",
    "/ventanilla/textos/{template_id}/vista-previa",
    "/tramites/{folio:folio}/paso/{number}/unidades",
    "/tramites/{folio:folio}/responder/unidades",
}


def calls(dependant: Dependant) -> Iterator[Any]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def acting(router: APIRouter) -> Iterator[tuple[str, set[Any]]]:
    """Every route of the pages that takes a form, with what it depends on."""
    for route in router.routes:
        if isinstance(route, APIRoute) and (route.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            yield route.path.removeprefix(SERVED), set(calls(route.dependant))


def without_comparison(router: APIRouter) -> set[str]:
    return {path for path, needs in acting(router) if effects._effect not in needs}


def test_every_route_with_an_effect_takes_a_form_that_says_what_was_shown() -> None:
    assert len(list(acting(pages.router))) > 50
    assert without_comparison(pages.router) == set(WITHOUT_EFFECT) | LOOKS
    assert {path for path, needs in acting(pages.router) if effects._look in needs} == LOOKS


def test_a_route_that_compares_nothing_is_noticed() -> None:
    router = APIRouter()

    @router.post("/acts")
    async def acts() -> None:
        return None

    assert without_comparison(router) == {"/acts"}


FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
LOOK_UPS = (
    r"/salir'|/folio'|/verificar(/archivo)?'|/ventanilla/buscar'|/personal/buscar'|/ventanilla/accesos'|/mi/confirmar'"
)
HARMLESS = re.compile(LOOK_UPS + r"|flow\.(identity|contact|code)")
SIGN_IN = {"staff/sign_in.html", "staff/setup.html", "citizen/link.html", "waiting_room/pairing.html"}


def forms() -> Iterator[tuple[str, str, str]]:
    for file in sorted(TEMPLATES.rglob("*.html")):
        for attributes, content in FORM.findall(re.sub(r"\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)):
            if 'method="post"' in attributes:
                yield str(file.relative_to(TEMPLATES)), attributes, content


def test_every_form_with_an_effect_has_its_hidden_fields() -> None:
    acting = [form for form in forms() if form[0] not in SIGN_IN and not HARMLESS.search(form[1])]
    assert len(acting) > 40
    assert [(file, attributes) for file, attributes, content in acting if "{{ effect(" not in content] == []


def test_every_form_says_where_it_goes() -> None:
    """What answers a form of staff is shown at an address of its own, which takes no form."""
    assert [(file, attributes) for file, attributes, _content in forms() if "action=" not in attributes] == []


def test_no_page_relies_on_a_script_against_double_clicks() -> None:
    assert not [file for file in TEMPLATES.rglob("*.html") if "preventDoubleClick" in file.read_text()]
