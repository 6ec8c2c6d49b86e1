"""Request workflows as tables: states, and transitions with the actors that may perform them. Pure.

Buttons of the pages, responses of the API and the diagrams in the docs are derived from them.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

ActorKind = Literal["citizen", "officer", "supervisor", "system"]
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


class StateKind(StrEnum):
    """What sort of state a request is in, whatever its workflow calls it."""

    DRAFT = "draft"
    CHECKING = "checking"
    REVIEW = "review"
    WAITING = "waiting"
    VISIT = "visit"
    FINAL = "final"


OPEN_KINDS = (StateKind.CHECKING, StateKind.REVIEW, StateKind.WAITING, StateKind.VISIT)
"""Submitted, and not ended."""
STOPPED_KINDS = (StateKind.WAITING, StateKind.VISIT)
"""The legal clock is suspended in these: the citizen has to act."""


class Outcome(StrEnum):
    """How a request ended."""

    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class State(BaseModel):
    """Where a request may be. In `review` it is in the queue of `role`; in `waiting` the citizen owes an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: StateKind
    role: Literal["officer", "supervisor"] | None = None
    outcome: Outcome | None = None


class Transition(BaseModel):
    """A transition from some states to another: its action, who may perform it, and what it needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Action
    source: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    target: Annotated[str, Field(alias="to")]
    who: ActorKind
    needs: tuple[Need, ...] = ()


class Workflow(BaseModel):
    """A named workflow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    initial: str
    states: dict[str, State]
    transitions: tuple[Transition, ...]

    def kind_of(self, state: str) -> StateKind:
        return self.states[state].kind

    def allowed_transition(self, state: str, action: str, who: ActorKind | None = None) -> Transition | None:
        """Return the transition of an action in a state for this actor; None if it isn't allowed."""
        for transition in self.transitions:
            if (
                transition.action == action
                and state in transition.source
                and (who is None or is_allowed(transition, who))
            ):
                return transition
        return None

    def actions(self, state: str, who: ActorKind) -> list[Transition]:
        """Return the transitions that this actor may perform in a state, in the file's order."""
        return [
            transition for transition in self.transitions if state in transition.source and is_allowed(transition, who)
        ]

    def appeal_states(self) -> set[str]:
        """The states in which a refusal is under appeal, before anything is decided about it."""
        return {transition.target for transition in self.transitions if transition.action == "appeal"}

    def targets(self, state: str) -> set[str]:
        return {transition.target for transition in self.transitions if state in transition.source}


def is_allowed(transition: Transition, who: ActorKind) -> bool:
    """Return whether this actor may perform a transition: a supervisor may do what an officer does."""
    return transition.who == who or (who == "supervisor" and transition.who == "officer")


def reachable_states(workflow: Workflow) -> set[str]:
    """Return the states reachable from the initial one."""
    found, waiting = {workflow.initial}, [workflow.initial]
    while waiting:
        for target in workflow.targets(waiting.pop()) - found:
            found.add(target)
            waiting.append(target)
    return found


def states_that_end(workflow: Workflow) -> set[str]:
    """Return the states from which a final state can be reached."""
    good = {name for name, state in workflow.states.items() if state.kind is StateKind.FINAL}
    while True:
        more = {name for name in workflow.states if name not in good and workflow.targets(name) & good}
        if not more:
            return good
        good |= more


def validate(workflow: Workflow) -> Iterable[str]:
    """Validate a workflow: unknown, unreachable or dead-end states, and ambiguous transitions."""
    names = set(workflow.states)
    if workflow.initial not in names or workflow.states[workflow.initial].kind is not StateKind.DRAFT:
        yield f"the initial state {workflow.initial!r} must be a state of kind draft"
        return
    for transition in workflow.transitions:
        for name in {*transition.source, transition.target} - names:
            yield f"{transition.action}: there is no state {name!r}"
            return
    for name in sorted(names - reachable_states(workflow)):
        yield f"state {name!r} can't be reached"
    for name in sorted(reachable_states(workflow) - states_that_end(workflow)):
        yield f"state {name!r} is a dead end"
    yield from _validate_states(workflow)
    yield from _validate_choices(workflow)


def _validate_states(workflow: Workflow) -> Iterable[str]:
    for name, state in workflow.states.items():
        if (state.kind is StateKind.REVIEW) != (state.role is not None):
            yield f"state {name!r}: a review, and nothing else, has a role"
        if (state.kind is StateKind.FINAL) != (state.outcome is not None):
            yield f"state {name!r}: an end, and nothing else, has an outcome"
        if state.kind in STOPPED_KINDS and workflow.allowed_transition(name, "lapse", "system") is None:
            yield f"state {name!r} waits for the citizen for ever: it needs a transition to lapse"


def _validate_choices(workflow: Workflow) -> Iterable[str]:
    seen: set[tuple[str, str, str]] = set()
    for transition in workflow.transitions:
        takers = [who for who in get_args(ActorKind) if is_allowed(transition, who)]
        for name in transition.source:
            keys = {(name, transition.action, who) for who in takers}
            if keys & seen:
                yield f"{transition.action} leads to two places from {name!r} for {transition.who}"
            seen |= keys
