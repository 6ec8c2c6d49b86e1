"""No problem replaces a member that every problem has: `status` of RFC 9457 is the response's, and not a ticket's."""

import ast

import pytest

from app.kernel.http.openapi import PROBLEM_SCHEMA
from app.kernel.problems import RESERVED, Conflict
from app.kernel.schemas import MESSAGES
from scripts.field_codes import made_fields, own_codes
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
    added = {"reference", "rule", "alternatives"}
    assert set(PROBLEM_SCHEMA["properties"]) - added == RESERVED, "those are added by their problems"
    assert (full["status"], full["ticket_status"]) == (409, "waiting")


def test_every_problem_of_a_field_has_a_code() -> None:
    made = list(made_fields())
    assert len(made) > 80
    assert [f"{name_of(path)}:{node.lineno}" for path, node in made if len(node.args) < 3 and not _copies(node)] == []
    assert {"missing", "wrong_answer", "unknown_page"} <= own_codes() | MESSAGES.keys()


def _copies(node: ast.Call) -> bool:
    return any(isinstance(one, ast.Starred) for one in node.args)
