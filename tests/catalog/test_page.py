"""docs/services.md says what the files say: diagrams, rules, sources and terms; its examples are a service."""

import inspect
import re
from pathlib import Path

import pytest

from app.catalog.loader import load_folder, load_services
from app.catalog.rules.eligibility.registry import RULES, Rule
from app.catalog.rules.workflow import Workflow
from tests.catalog.factories import WORKFLOWS, Copy

PAGE = (Path(__file__).parents[2] / "docs" / "services.md").read_text(encoding="utf-8")
WAY = re.compile(r"^    (\w+) --> (\w+): (\w+) \((\w+)\)$", re.MULTILINE)
BEGINS = re.compile(r"^    \[\*\] --> (\w+)$", re.MULTILINE)
ENDS = re.compile(r"^    (\w+) --> \[\*\]$", re.MULTILINE)
NAMED = re.compile(r'^    state "([\w-]+)" as (\w+)$', re.MULTILINE)


def section(title: str) -> str:
    """The text below a heading, up to the next one."""
    _before, found, after = PAGE.partition(f"\n{title}\n")
    assert found, f"the page has no {title!r}"
    return re.split(r"^#", after, maxsplit=1, flags=re.MULTILINE)[0]


def table(title: str) -> list[list[str]]:
    """The rows of the table below a heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
def test_each_diagram_is_its_workflow(workflow: Workflow) -> None:
    drawn = section(f"### {workflow.id}")
    names = {short: name for name, short in NAMED.findall(drawn)}
    ways = [(names.get(start, start), names.get(end, end), *rest) for start, end, *rest in WAY.findall(drawn)]
    assert sorted(ways) == sorted(
        (state, transition.target, transition.action, transition.who)
        for transition in workflow.transitions
        for state in transition.source
    )
    assert BEGINS.findall(drawn) == [workflow.initial]
    ends = [names.get(state, state) for state in ENDS.findall(drawn)]
    assert sorted(ends) == sorted(name for name, state in workflow.states.items() if state.kind == "final")
    arrows = drawn.count(" --> ")
    assert arrows == len(WAY.findall(drawn)) + 1 + len(ENDS.findall(drawn))


def test_the_rules_and_their_parameters_are_those_there_are() -> None:
    said = {name: re.findall(r"`?(\w+)`?", parameters) for name, parameters, *_rest in table("## Rules")}
    assert said == {name: list(rule.parameters.model_fields) for name, rule in RULES.items()}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_each_rule_gives_its_meaning_and_its_source(rule: Rule) -> None:
    meaning, _source, source = (inspect.getdoc(rule.function) or "").partition("\nSource: ")
    assert meaning.strip()
    assert source.strip().endswith(".")


def test_sources_and_how_sure_we_are_of_them_are_those_of_the_files() -> None:
    said = [tuple(row) for row in table("### Rules of each, their source, and how sure we are")]
    stored: list[tuple[str, ...]] = []
    for service in sorted(load_services().values(), key=lambda service: service.id):
        rules = [(service.id, one.rule, one.source, one.status) for one in service.eligibility]
        stored += rules or [(service.id, "—", "", "")]
    assert said == stored


def test_kinds_and_days_are_those_of_the_files() -> None:
    assert table("## The services") == [
        [
            service.id,
            service.kind,
            service.workflow.id,
            str(service.target.working_days),
            str(service.appeal.working_days) if service.appeal else "",
        ]
        for service in sorted(load_services().values(), key=lambda service: service.id)
    ]


def test_the_examples_put_together_are_a_service(tmp_path: Path) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    copy = Copy(tmp_path / "copy")
    copy.service("family-letter").write_text("".join(blocks), encoding="utf-8")
    made = load_folder(copy.folder)["family-letter"]
    # Every block of a service file is shown.
    assert made.model_fields_set == set(type(made).model_fields)
