"""The seventeen services as their files say."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.catalog.definition import Service, Text
from app.catalog.loader import FOLDER, definition_of, digest_of, load_folder, load_services
from app.catalog.rules.eligibility.registry import rule_named
from app.kernel.i18n import use_language
from app.law.definitions import shipped
from app.law.rules import resolve_parameters

ASKED_FOR = {
    "nss-assign",
    "nss-find",
    "vigencia",
    "weeks",
    "clinic-register",
    "clinic-change",
    "dependant-add",
    "dependant-remove",
    "data-correct",
    "sick-leave",
    "unemployment",
    "pension",
    "nursery",
    "modality-40",
    "family-health",
    "not-insured",
    "complaint",
}
SERVICES = sorted(load_services().values(), key=lambda service: service.id)
BOTH = {"es", "en"}
SAME_IN_BOTH = {"AFORE"}
LAW = "Ley del Seguro Social, art"  # a law keeps its name

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)


def texts(value: object) -> Iterator[dict[str, str]]:
    """Every text for people inside a definition."""
    if isinstance(value, dict):
        if value.keys() & BOTH:
            yield value
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_the_services_are_those_asked_for() -> None:
    assert set(load_services()) == ASKED_FOR
    assert len(ASKED_FOR) == 17
    assert {path.stem for path in (FOLDER / "services").iterdir()} == ASKED_FOR
    assert load_folder(FOLDER) == load_services()


@each_service
def test_every_text_is_in_both_languages(service: Service) -> None:
    found = list(texts(definition_of(service)))
    # Name, summary, who qualifies, result and feedback at least.
    assert len(found) >= 5
    for text in found:
        assert set(text) == BOTH
        assert all(words.strip() for words in text.values())
        assert text["es"] != text["en"] or text["es"] in SAME_IN_BOTH or text["es"].startswith(LAW)


def test_a_text_speaks_the_language_of_who_is_answered() -> None:
    text = Text(es="Hola", en="Hello")
    with use_language("en"):
        assert str(text) == "Hello"
    with use_language("es"):
        assert str(text) == "Hola"


@each_service
def test_every_rule_and_term_has_a_source_and_every_refusal_its_ground(service: Service) -> None:
    sources = [*(one.source for one in service.eligibility), service.target.source]
    sources += [service.appeal.source] if service.appeal else []
    assert all(source.strip() for source in sources)
    grounds = [reason.ground for reason in service.decision.reasons if reason.outcome == "refused"]
    assert all(ground is not None and ground.es and ground.en for ground in grounds)
    # Who may be refused by an officer is shown why in words of the law, and how to appeal.
    assert bool(grounds) == (service.appeal is not None)


@each_service
def test_every_rule_is_known_and_takes_its_parameters(service: Service) -> None:
    for one in service.eligibility:
        rule = rule_named(one.rule)
        assert rule is not None
        parameters = resolve_parameters(one.parameters, lambda figure: shipped().value(figure, date(2026, 11, 29)))
        given = rule.parameters.model_validate(parameters)
        assert set(given.model_fields_set) == set(one.parameters)


@each_service
def test_the_published_definition_is_the_whole_service(service: Service) -> None:
    definition = definition_of(service)
    stored: dict[str, Any] = json.loads(json.dumps(definition, ensure_ascii=False))
    again = Service.model_validate(stored)
    assert again == service
    assert digest_of(stored) == digest_of(definition_of(again)) == digest_of(definition)


def test_another_text_is_another_digest() -> None:
    digests = {digest_of(definition_of(service)) for service in SERVICES}
    assert len(digests) == len(SERVICES)
    changed = definition_of(load_services()["weeks"])
    changed["name"]["es"] += "."
    assert digest_of(changed) not in digests
