"""What is accepted at submission can be approved, or the officer is shown why not and what to do.

Every problem that an effect can raise is declared with it, so that its preview shows it; each has a way out in every
service with that effect: an answer to ask for, a reason to refuse with, or someone else who removes it. What the
answers alone decide is checked when they are submitted.
"""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.kernel.problems import Conflict, NotFound, Problem
from app.registry import corrections
from app.registry import problems as refusals
from app.registry import service as registry
from app.requests import problems
from app.requests.rules import amounts
from app.requests.rules.checks import ANSWER_CHECKS
from app.requests.service import effects, people
from app.requests.service.effects import EFFECTS, remedies
from tests.house.source import nodes, tree

NEVER = {"NotFound": "the person of the request is there: requests have a foreign key to them"}
"""What the code may raise and an approval can't meet."""
SERVICES = [service for service in load_services().values() if service.result.effects]
each = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)


def file_of(module: ModuleType) -> Path:
    return Path(inspect.getfile(module))


def function_in(module: ModuleType, name: str) -> ast.AST | None:
    return next((one for one in tree(file_of(module)).body if getattr(one, "name", None) == name), None)


def raised(module: ModuleType, name: str, seen: set[str] | None = None) -> Iterator[str]:
    """The problems that a function of a module raises by name, itself and by the functions it calls: its module's own,
    the registry's, and those of corrections."""
    seen = seen if seen is not None else set()
    found = function_in(module, name)
    if found is None or f"{module.__name__}.{name}" in seen:
        return
    seen.add(f"{module.__name__}.{name}")
    for node in ast.walk(found):
        if isinstance(node, ast.Raise) and node.exc is not None:
            problem = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            yield ast.unparse(problem).split(".")[-1]
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).split(".")
            home = {"registry": registry, "corrections": corrections}.get(called[0]) if len(called) == 2 else module
            named = getattr(getattr(home, called[-1], None), "__module__", "")
            home = {amounts.__name__: amounts, people.__name__: people}.get(named, home)
            if home is not None:
                yield from raised(home, called[-1], seen)


def declared(name: str) -> set[str]:
    return {one.problem.__name__ for one in EFFECTS[name].obstacles}


@pytest.mark.parametrize("name", sorted(EFFECTS))
def test_an_effect_declares_all_that_may_stand_in_its_way(name: str) -> None:
    by_code = set(raised(effects, name)) - {"ValueError"} - set(NEVER)
    by_answers = {problems.AnswersNoLongerValid.__name__} if name in ANSWER_CHECKS else set()
    assert by_code | by_answers == declared(name)


def test_the_walk_through_the_code_sees_what_it_should() -> None:
    assert "NssAlreadyAssigned" in set(raised(effects, "assign_nss"))
    assert "CurpOfAnother" in set(raised(effects, "correct_person")), "three calls deep"
    assert "NotFound" in set(raised(effects, "assign_unit"))
    assert "FigureMissing" in set(raised(effects, "enrol_family_health")), "of a figure of law"


@each
def test_each_obstacle_has_a_way_out_in_each_service(service: Service) -> None:
    fields = set(service.form.fields)
    refusing = {reason.code for reason in service.decision.reasons if reason.outcome == "refused"}
    for name in service.result.effects:
        for obstacle in EFFECTS[name].obstacles:
            where = f"{service.id}: {obstacle.problem.__name__}"
            assert set(obstacle.ask) <= fields, where
            assert set(obstacle.refuse) <= refusing, f"{where}: a reason that the service hasn't"
            assert (set(obstacle.refuse) & refusing) or obstacle.waits, f"{where}: nothing to refuse it with"


@each
def test_each_obstacle_says_what_it_is_and_what_to_do(service: Service) -> None:
    for name in service.result.effects:
        for obstacle in EFFECTS[name].obstacles:
            kind = obstacle.problem
            assert issubclass(kind, Conflict)
            assert not issubclass(kind, NotFound), "a page would show that the request isn't there"
            assert kind.title not in {Conflict.title, Problem.title}, kind
            assert kind.next_step not in {"", Conflict.next_step}, kind
            assert (kind.detail or "") != Conflict.detail, kind


@each
def test_what_the_page_offers_is_what_was_declared(service: Service) -> None:
    for name in service.result.effects:
        for obstacle in EFFECTS[name].obstacles:
            assert remedies(service, obstacle.problem()) == (obstacle.ask, obstacle.refuse)


def test_no_effect_raises_the_conflict_that_says_nothing() -> None:
    for module in (effects, registry, corrections):
        for node in nodes(file_of(module)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                assert ast.unparse(node.exc) not in {"Conflict", "Conflict()"}, f"{module.__name__}:{node.lineno}"


def test_every_refusal_of_the_registry_is_met_by_an_effect() -> None:
    met = set().union(*(declared(name) for name in EFFECTS))
    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type)]
    own = {kind.__name__ for kind in kinds if kind.__module__ == refusals.__name__}
    of_undos = {"CorrectedSince", "RegistrationChanged"}
    assert own - met == of_undos | {"AlreadyWithdrawn"}, "of undos, and of a pension fund's notice"
