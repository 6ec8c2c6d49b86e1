"""No problem replaces a member that every problem has: `status` of RFC 9457 is the response's, and not a ticket's."""

import ast

import pytest

from app.kernel.http.openapi import PROBLEM_SCHEMA
from app.kernel.problems import RESERVED, Conflict
from tests.house.source import APP, files, name_of, nodes


def added_members() -> set[tuple[str, str]]:
    """Each member that a problem adds where it is raised, with its file."""
    return {
        (name_of(path), key.value)
        for path in files(APP)
        for node in nodes(path)
        if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def test_what_a_problem_adds_has_a_name_of_its_own() -> None:
    added = added_members()
    assert ("app/desk/problems.py", "ticket_status") in added, "the walk sees them"
    assert {(path, name) for path, name in added if name in RESERVED} == set()


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"conflict: {name}: a member of every problem"):
        Conflict(extra={name: "waiting"})


def test_reserved_are_all_members_that_every_problem_may_have() -> None:
    full = Conflict(next_step="Espere.", extra={"ticket_status": "waiting"}).body("/here")
    assert full.keys() - {"ticket_status"} <= RESERVED
    assert set(PROBLEM_SCHEMA["properties"]) - {"reference"} == RESERVED, "a reference is added by its problem"
    assert (full["status"], full["ticket_status"]) == (409, "waiting")
