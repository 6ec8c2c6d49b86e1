"""List the services, their rules and the sources of these in docs/services.md, as files and rules themselves say.

A comment above each table names it; `make docs-reference` lists it again.
"""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.catalog.rules.eligibility.registry import RULES, Rule

LISTED = re.compile(r"(<!-- Listed by `make docs-reference`: (\w+) -->\n\n)(?:\|.*\n)*")
SECTION = re.compile(r"^(Reads|Source): ", re.MULTILINE)
"""Where a docstring of a rule goes on with the answers that it reads, and the source of the rule."""


def list_services(page: str) -> str:
    """Return a page's text with each of these tables as it is today."""

    def again(found: re.Match[str]) -> str:
        return found.group(1) + "".join(f"{line}\n" for line in TABLES[found.group(2)]())

    return LISTED.sub(again, page)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = [*head]
    yield f"| {' | '.join(columns)} |"
    yield "|---" * len(columns) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _services() -> list[Service]:
    return sorted(load_services().values(), key=lambda service: service.id)


def _about_services() -> Iterator[str]:
    return _table(
        ("service", "kind", "workflow", "working days", "days to appeal"),
        (
            (
                f"`{one.id}`",
                one.kind,
                f"`{one.workflow.id}`",
                str(one.target.working_days),
                str(one.appeal.working_days) if one.appeal else "",
            )
            for one in _services()
        ),
    )


def _about_sources() -> Iterator[str]:
    rows: list[tuple[str, ...]] = []
    for service in _services():
        rules = [(f"`{service.id}`", f"`{one.rule}`", one.source, one.status) for one in service.eligibility]
        rows += rules or [(f"`{service.id}`", "—", "", "")]
    return _table(("service", "rule", "source", "status"), rows)


def _about_rules() -> Iterator[str]:
    listed = sorted(RULES.values(), key=lambda rule: rule.function.__module__)
    return _table(("rule", "parameters", "passes when", "reads"), map(_about_rule, listed))


def _about_rule(rule: Rule) -> tuple[str, ...]:
    meaning, *sections = SECTION.split(inspect.getdoc(rule.function) or "")
    reads = dict(zip(sections[::2], sections[1::2], strict=True)).get("Reads", "")
    parameters = ", ".join(f"`{name}`" for name in rule.parameters.model_fields)
    return f"`{rule.name}`", parameters, _line(meaning), _line(reads).rstrip(".")


def _line(text: str) -> str:
    return " ".join(text.split())


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "services": _about_services,
    "rules": _about_rules,
    "sources": _about_sources,
}
