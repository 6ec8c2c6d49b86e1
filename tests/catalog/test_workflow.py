"""A request's life as a table: what every workflow of the files keeps to, and what is noticed in one that doesn't."""

from collections.abc import Callable
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.loader import FOLDER
from app.catalog.rules.workflow import (
    OPEN_KINDS,
    STOPPED_KINDS,
    Action,
    ActorKind,
    Transition,
    Workflow,
    is_allowed,
    reachable_states,
    states_that_end,
    validate,
)
from tests.catalog.factories import WORKFLOWS

EVERY_ACTOR: tuple[ActorKind, ...] = get_args(ActorKind)
AUTHORISED: dict[ActorKind, set[ActorKind]] = {
    "citizen": {"citizen"},
    "officer": {"officer", "supervisor"},
    "supervisor": {"supervisor"},
    "system": {"system"},
}
LONGEST_WALK = 40

each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=list(WORKFLOWS))
workflows = st.sampled_from(sorted(WORKFLOWS)).map(WORKFLOWS.__getitem__)


def test_there_are_six() -> None:
    known = {"instant", "automatic", "reviewed", "reviewed-with-undo", "reviewed-with-visit", "answered-in-writing"}
    assert set(WORKFLOWS) == known


@each_workflow
def test_every_state_can_be_reached_and_can_end(workflow: Workflow) -> None:
    assert list(validate(workflow)) == []
    assert reachable_states(workflow) == states_that_end(workflow) == set(workflow.states)


@given(workflows, st.data())
def test_no_walk_leaves_the_table_and_every_place_on_it_has_a_way_on(workflow: Workflow, data: st.DataObject) -> None:
    state = workflow.initial
    for _step in range(data.draw(st.integers(1, LONGEST_WALK))):
        transitions = {
            (transition.action, who, transition.target)
            for who in EVERY_ACTOR
            for transition in workflow.actions(state, who)
        }
        if not transitions:
            assert workflow.states[state].kind == "final"
            return
        action, who, target = data.draw(st.sampled_from(sorted(transitions)))
        transition = workflow.allowed_transition(state, action, who)
        assert transition is not None
        assert transition.target == target
        assert target in workflow.targets(state)
        state = target
        assert state in workflow.states
        assert state in states_that_end(workflow)


@given(workflows, st.sampled_from(EVERY_ACTOR), st.sampled_from(get_args(Action)))
def test_what_the_table_does_not_say_no_one_can_do(workflow: Workflow, who: ActorKind, action: str) -> None:
    for state in workflow.states:
        transitions = [
            w for w in workflow.transitions if w.action == action and state in w.source and who in AUTHORISED[w.who]
        ]
        assert workflow.allowed_transition(state, action, who) == (transitions[0] if transitions else None)
        assert len(transitions) <= 1
        assert (action in {transition.action for transition in workflow.actions(state, who)}) == bool(transitions)


@pytest.mark.parametrize("owner", EVERY_ACTOR)
def test_a_way_has_one_kind_of_actor_and_above_an_officer_the_supervisor(owner: ActorKind) -> None:
    transition = Transition.model_validate({"action": "ask", "from": ["a"], "to": "b", "who": owner})
    assert {who for who in EVERY_ACTOR if is_allowed(transition, who)} == AUTHORISED[owner]


@each_workflow
def test_whatever_waits_for_the_citizen_lapses_and_no_one_else_makes_it(workflow: Workflow) -> None:
    for name, state in workflow.states.items():
        lapse = workflow.allowed_transition(name, "lapse")
        assert (lapse is not None) == (state.kind in STOPPED_KINDS)
        if lapse is not None:
            assert lapse.who == "system"
            assert workflow.states[lapse.target].outcome == "lapsed"


@each_workflow
def test_only_staff_decide_what_staff_look_at_and_every_decision_gives_its_reason(workflow: Workflow) -> None:
    for name, state in workflow.states.items():
        if state.kind != "review":
            continue
        for transition in workflow.transitions:
            if name in transition.source and transition.action in ("approve", "refuse", "confirm"):
                assert transition.who == state.role
                assert {"hold", "reason"} <= set(transition.needs)


@each_workflow
def test_the_citizen_may_withdraw_whatever_people_look_at(workflow: Workflow) -> None:
    for name, state in workflow.states.items():
        transition = workflow.allowed_transition(name, "withdraw", "citizen")
        assert (transition is not None) == (state.kind in set(OPEN_KINDS) - {"checking"})


def test_a_refusal_with_a_visit_is_never_one_persons() -> None:
    workflow = WORKFLOWS["reviewed-with-visit"]
    for name, state in workflow.states.items():
        refusals = [
            transition
            for transition in workflow.transitions
            if name in transition.source and transition.target == "refused"
        ]
        for transition in refusals:
            by_officer = state.kind == "review" and transition.who == "officer"
            assert not by_officer
    confirm = workflow.allowed_transition("second", "confirm", "supervisor")
    assert confirm is not None
    assert "second-person" in confirm.needs


Spoil = Callable[[dict[str, Any]], object]


def transition(action: str, source: str, target: str, who: str) -> dict[str, Any]:
    return {"action": action, "from": [source], "to": target, "who": who}


def add_way(action: str, source: str, target: str, who: str) -> Spoil:
    return lambda table: table["transitions"].append(transition(action, source, target, who))


def set_state(name: str, **about: Any) -> Spoil:
    return lambda table: table["states"].update({name: about})


def drop(action: str) -> Spoil:
    def spoil(table: dict[str, Any]) -> None:
        table["transitions"] = [one for one in table["transitions"] if one["action"] != action]

    return spoil


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda table: table.update(initial="begin"), "the initial state 'begin' must be a state of kind draft"),
        (lambda table: table.update(initial="review"), "the initial state 'review' must be a state of kind draft"),
        (add_way("ask", "review", "limbo", "officer"), "ask: there is no state 'limbo'"),
        (add_way("ask", "limbo", "review", "officer"), "ask: there is no state 'limbo'"),
        (set_state("limbo", kind="checking"), "state 'limbo' can't be reached"),
        (drop("lapse"), "state 'visit' waits for the citizen for ever: it needs a transition to lapse"),
        (drop("lapse"), "state 'waiting' waits for the citizen for ever: it needs a transition to lapse"),
        (set_state("review", kind="review"), "state 'review': a review, and nothing else, has a role"),
        (
            set_state("waiting", kind="waiting", role="officer"),
            "state 'waiting': a review, and nothing else, has a role",
        ),
        (set_state("lapsed", kind="final"), "state 'lapsed': an end, and nothing else, has an outcome"),
        (
            set_state("review", kind="review", role="officer", outcome="approved"),
            "state 'review': an end, and nothing else, has an outcome",
        ),
        (add_way("ask", "review", "second", "officer"), "ask leads to two places from 'review' for officer"),
        (add_way("ask", "review", "second", "supervisor"), "ask leads to two places from 'review' for supervisor"),
        (add_way("ask", "review", "second", "citizen"), None),
    ],
)
def test_a_fault_in_a_table_is_noticed(spoil: Spoil, said: str | None) -> None:
    table = yaml.safe_load((FOLDER / "workflows" / "reviewed-with-visit.yaml").read_text(encoding="utf-8"))
    assert list(validate(Workflow.model_validate(table))) == []
    spoil(table)
    found = list(validate(Workflow.model_validate(table)))
    assert said in found if said else found == []


def test_a_dead_end_is_noticed_with_all_that_leads_only_there() -> None:
    table = {
        "id": "trap",
        "initial": "draft",
        "states": {
            "draft": {"kind": "draft"},
            "checking": {"kind": "checking"},
            "one": {"kind": "checking"},
            "two": {"kind": "checking"},
            "done": {"kind": "final", "outcome": "approved"},
        },
        "transitions": [
            transition("submit", "draft", "checking", "citizen"),
            transition("approve", "checking", "done", "system"),
            transition("refer", "checking", "one", "system"),
            transition("ask", "one", "two", "system"),
            transition("answer", "two", "one", "citizen"),
        ],
    }
    found = list(validate(Workflow.model_validate(table)))
    assert found == ["state 'one' is a dead end", "state 'two' is a dead end"]


@pytest.mark.parametrize("key", ["colour", "needs"])
def test_a_way_says_nothing_that_has_no_meaning(key: str) -> None:
    with pytest.raises(ValueError, match=key):
        Transition.model_validate(transition("ask", "a", "b", "officer") | {key: ["magic"]})
