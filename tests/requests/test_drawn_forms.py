"""Whole forms over the API: a program without a text of its own draws, files and decides each service, and its
conditions are those of the pages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.schemas import service_detail_out
from app.requests.rules.forms import ONE_OF_THESE, applicable, required_names, validation_errors
from app.web.citizen.fields import steps_of
from tests.requests import actors, drawn
from tests.requests.conftest import Scene
from tests.requests.factories import clinic, set_fees
from tests.requests.history import ago, create_person, relative, worked

SERVICES = sorted(load_services())
LAWS = ("Ley del Seguro Social", "Ley Federal del Trabajo")


async def _program(scene: Scene, service: str) -> drawn.Program:
    """Who may have the service, and what they would type."""
    typed: dict[str, list[Any]] = {
        "postal-code": ["06700"],
        "email": ["ana@ejemplo.mx"],
        "tel": ["55 1234 5678"],
        "clabe": [actors.CLABE],
        "nss": ["12345678903"],
        "number": [1000],
        "date": [ago(3).isoformat()],
        "text": ["34, 31, 6"] if service == "family-health" else [],
    }
    if service in ("nss-assign", "family-health", "not-insured"):
        who = await create_person(scene, insured=False, nss=service != "nss-assign")
    elif service in ("unemployment", "modality-40", "pension"):
        who = await create_person(scene, insured=False, birth_on=ago(66 * 365))
        last = ago(400) if service == "modality-40" else ago(46)
        await worked(scene, who, (ago(9000), last))
    else:
        who = scene.citizen
    if service in ("clinic-register", "clinic-change"):
        await clinic(scene)
    if service == "family-health":
        await set_fees(scene)
    if service == "dependant-add":
        typed["curp"] = [await relative(scene, ago(11_000))]
    if service in ("dependant-remove", "nursery"):
        typed["curp"] = [await relative(scene, ago(900), of=scene.citizen)]
    return drawn.Program(who, typed)


@pytest.mark.parametrize("service_id", SERVICES)
async def test_a_program_without_texts_draws_files_and_decides(scene: Scene, service_id: str) -> None:
    program = await _program(scene, service_id)
    service = await program.get(f"/api/v1/services/{service_id}")
    english = await program.get(f"/api/v1/services/{service_id}", **{"Accept-Language": "en"})
    here, there = dict(drawn.texts(service)), dict(drawn.texts(english))
    assert here.keys() == there.keys()
    assert all(here.values())
    assert all(there.values())
    same = {text for where, text in here.items() if text == there[where]}
    assert {text for text in same if not text.startswith(LAWS)} <= {"No"}, "what both languages call the same"

    request = await program.file(service)
    assert request["status_text"]
    for reader in (scene.officer, await scene.supervisor()):
        if request["kind"] == "review":
            request = await drawn.decide(reader, request["folio"])
    # A pension is approved after a visit only: it is refused, which another person confirms.
    assert request["outcome"] == ("refused" if service["id"] == "pension" else "approved"), request


def _form(service: Service) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to the questions of a form that have options: those that conditions look at, and any beside them."""
    choices = {
        name: st.sampled_from([option.value for option in view.options] or [True, False])
        for name, view in service.form.fields.items()
        if view.options or view.widget == "yes-no"
    }
    others = {name: st.just("x") for name in service.form.fields if name not in choices}
    return st.fixed_dictionaries({}, optional=choices | others)


@pytest.mark.parametrize("service_id", SERVICES)
def test_conditions_of_the_api_are_those_of_the_pages(service_id: str) -> None:
    service = load_services()[service_id]
    described = service_detail_out(service).model_dump(mode="json")

    @given(_form(service))
    def same(answers: dict[str, Any]) -> None:
        on_pages = [(step.page.id, asked.name) for step in steps_of(service, answers) for asked in step.fields]
        assert on_pages == [
            (page["id"], one["name"])
            for page in described["pages"]
            for one in page["questions"]
            if drawn.on_page(page, one["name"], answers)
        ]
        known, asked = applicable(service, answers), drawn.asked(described, answers)
        assert [name for name in answers if name in asked] == list(known)
        assert drawn.needed(described, answers) == required_names(service, asked, known)
        without = validation_errors(service, dict.fromkeys(known, "x") | known, whole=True)
        lacking = {one.field for one in without if one.message == ONE_OF_THESE}
        one_of = [one["questions"] for one in described["at_least_one"] if drawn.holds(one["when"], known)]
        assert lacking == {names[0] for names in one_of if not known.keys() & set(names)}

    same()
