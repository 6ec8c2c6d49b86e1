"""Draw the diagrams of docs/ that follow from a table: packages, workflows, the lives of appointments and tickets.

A page names the table in a comment above the diagram; `make docs-reference` draws it again.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from configparser import ConfigParser
from pathlib import Path

from app.appointments.rules import TRANSITIONS, Status
from app.catalog.loader import load_services
from app.catalog.rules.workflow import Workflow
from app.desk.rules import tickets

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "importlinter:contract:layers"
DRAWN = re.compile(r"(<!-- Drawn by `make docs-reference` from (\S+) -->\n\n?)```mermaid\n.*?```", re.DOTALL)
WORKFLOW = "app/catalog/workflows/"


def draw(page: str) -> str:
    """Return a page's text with every such diagram as its table says today."""

    def again(found: re.Match[str]) -> str:
        lines = "\n    ".join(_source(found.group(2)))
        return f"{found.group(1)}```mermaid\n{lines}\n```"

    return DRAWN.sub(again, page)


def _source(name: str) -> Iterable[str]:
    if name.startswith(WORKFLOW):
        return _workflow(name.removeprefix(WORKFLOW).removesuffix(".yaml"))
    tables: dict[str, Callable[[], Iterable[str]]] = {
        ".importlinter": _packages,
        "app/appointments/rules.py": _appointment,
        "app/desk/rules/tickets.py": _ticket,
    }
    return tables[name]()


def _packages() -> Iterator[str]:
    """Boxes one below the other: a package imports packages of lower boxes only, none beside it."""
    yield "flowchart TB"
    floors = list(_floors())
    for number, floor in enumerate(floors):
        yield f'l{number}["{" · ".join(floor)}"]'
    yield " --> ".join(f"l{number}" for number in range(len(floors)))


def _floors() -> Iterator[list[str]]:
    contract = ConfigParser()
    contract.read(ROOT / ".importlinter", encoding="utf-8")
    for line in contract[CONTRACT]["layers"].split("\n"):
        named = [name.strip(" ()") for name in re.split(r"[|:]", line) if name.strip()]
        there = [name for name in named if (ROOT / "app" / name).exists() or (ROOT / "app" / f"{name}.py").exists()]
        if there:
            yield there


def _workflow(name: str) -> Iterator[str]:
    workflow = workflows()[name]
    yield "stateDiagram-v2"
    yield from (f'state "{state}" as {_id(state)}' for state in workflow.states if state != _id(state))
    yield f"[*] --> {_id(workflow.initial)}"
    for transition in workflow.transitions:
        for state in transition.source:
            yield f"{_id(state)} --> {_id(transition.target)}: {transition.action} ({transition.who})"
    yield from (f"{_id(state)} --> [*]" for state, about in workflow.states.items() if about.kind == "final")


def _id(state: str) -> str:
    """Mermaid takes no hyphen in the id of a state."""
    return state.replace("-", "_")


def workflows() -> dict[str, Workflow]:
    """Every workflow that a service has, by its name."""
    return {service.workflow.id: service.workflow for service in load_services().values()}


def _appointment() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"[*] --> {Status.BOOKED}: book (citizen, staff)"
    for (status, action), (after, actors) in TRANSITIONS.items():
        yield f"{status} --> {after}: {action} ({', '.join(sorted(actors))})"


def _ticket() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"[*] --> {tickets.TicketStatus.WAITING}: arrive"
    for (status, action), after in tickets.TRANSITIONS.items():
        yield f"{status} --> {after}: {action}"
    yield from (f"{status} --> [*]" for status in tickets.ENDED)
