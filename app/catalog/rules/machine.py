"""A request's life as a table: states, and who may go from one to another. Pure.

The buttons on the pages, the answers of the API and the diagram in the docs all come from here.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

StateKind = Literal["draft", "checking", "review", "waiting", "visit", "final"]
Outcome = Literal["approved", "refused", "withdrawn", "lapsed"]
Who = Literal["citizen", "officer", "supervisor", "system"]
Action = Literal[
    "submit",
    "approve",
    "refuse",
    "refer",
    "ask",
    "answer",
    "lapse",
    "withdraw",
    "appeal",
    "invite",
    "attend",
    "cancel",
    "confirm",
    "undo",
]
Need = Literal["form", "documents", "message", "reason", "hold", "appointment", "second-person", "decider"]

OPEN_KINDS = frozenset({"checking", "review", "waiting", "visit"})
STOPPED_KINDS = frozenset({"waiting", "visit"})
"""The legal clock stands still here: the citizen owes something."""


class State(BaseModel):
    """Where a request may be. In `review` it is in the queue of `role`; in `waiting` the citizen owes an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: StateKind
    role: Literal["officer", "supervisor"] | None = None
    outcome: Outcome | None = None


class Transition(BaseModel):
    """A way from some states to another: what it is called, who may take it, and what it needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    source: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    target: Annotated[str, Field(alias="to")]
    who: Who
    needs: tuple[Need, ...] = ()


class Workflow(BaseModel):
    """A named machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    initial: str
    states: dict[str, State]
    transitions: tuple[Transition, ...]

    def kind_of(self, state: str) -> StateKind:
        return self.states[state].kind

    def find(self, state: str, action: str, who: Who | None = None) -> Transition | None:
        """The way out of a state by an action, for this actor; None when there is none."""
        for way in self.transitions:
            if way.action == action and state in way.source and (who is None or may_take(way, who)):
                return way
        return None

    def actions(self, state: str, who: Who) -> list[Transition]:
        """What this actor can do in a state, in the file's order."""
        return [way for way in self.transitions if state in way.source and may_take(way, who)]

    def appeal_states(self) -> set[str]:
        """The states in which a refusal is under appeal, before anything is decided about it."""
        return {way.target for way in self.transitions if way.action == "appeal"}

    def targets(self, state: str) -> set[str]:
        return {way.target for way in self.transitions if state in way.source}


def may_take(way: Transition, who: Who) -> bool:
    """Whether this actor may take a way: a supervisor may do what an officer does."""
    return way.who == who or (who == "supervisor" and way.who == "officer")


def reachable(workflow: Workflow) -> set[str]:
    """States one can get to from the first."""
    found, waiting = {workflow.initial}, [workflow.initial]
    while waiting:
        for target in workflow.targets(waiting.pop()) - found:
            found.add(target)
            waiting.append(target)
    return found


def can_end(workflow: Workflow) -> set[str]:
    """States from which some end can be reached."""
    good = {name for name, state in workflow.states.items() if state.kind == "final"}
    while True:
        more = {name for name in workflow.states if name not in good and workflow.targets(name) & good}
        if not more:
            return good
        good |= more


def faults(workflow: Workflow) -> Iterable[str]:
    """What is wrong with a machine: unknown, unreachable or dead-end states; ways that make no sense."""
    names = set(workflow.states)
    if workflow.initial not in names or workflow.states[workflow.initial].kind != "draft":
        yield f"the initial state {workflow.initial!r} must be a state of kind draft"
        return
    for way in workflow.transitions:
        for name in {*way.source, way.target} - names:
            yield f"{way.action}: there is no state {name!r}"
            return
    for name in sorted(names - reachable(workflow)):
        yield f"state {name!r} can't be reached"
    for name in sorted(reachable(workflow) - can_end(workflow)):
        yield f"state {name!r} is a dead end"
    yield from _state_faults(workflow)
    yield from _ambiguous(workflow)


def _state_faults(workflow: Workflow) -> Iterable[str]:
    for name, state in workflow.states.items():
        if (state.kind == "review") != (state.role is not None):
            yield f"state {name!r}: a review, and nothing else, has a role"
        if (state.kind == "final") != (state.outcome is not None):
            yield f"state {name!r}: an end, and nothing else, has an outcome"
        if state.kind in STOPPED_KINDS and workflow.find(name, "lapse", "system") is None:
            yield f"state {name!r} waits for the citizen for ever: it needs a way to lapse"


def _ambiguous(workflow: Workflow) -> Iterable[str]:
    seen: set[tuple[str, str, str]] = set()
    for way in workflow.transitions:
        takers = [who for who in get_args(Who) if may_take(way, who)]
        for name in way.source:
            keys = {(name, way.action, who) for who in takers}
            if keys & seen:
                yield f"{way.action} leads to two places from {name!r} for {way.who}"
            seen |= keys
