"""A test that asserts nothing passes whatever the code does."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.house.source import ROOT, files, name_of, nodes, tree

TESTS = ROOT / "tests"
ASSERTING = {"raises", "warns", "fail", "call_and_validate"}
"""Functions of libraries that fail a test."""
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def asserts(node: ast.AST) -> bool:
    """Whether a function can fail a test itself."""
    for part in ast.walk(node):
        match part:
            case ast.Assert() | ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in ASSERTING:
                return True
    return False


def functions_of(module: ast.Module) -> dict[str, FunctionNode]:
    return {node.name: node for node in module.body if isinstance(node, FunctionNode)}


def imported(module: ast.Module) -> dict[str, tuple[str, str]]:
    """The names that a file imports from a module of the tests; of a whole module, "" as its name there."""
    found: dict[str, tuple[str, str]] = {}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("tests"):
            for name in node.names:
                is_module = f"{node.module}.{name.name}" in modules()
                source = (f"{node.module}.{name.name}", "") if is_module else (str(node.module), name.name)
                found[name.asname or name.name] = source
    return found


@cache
def modules() -> dict[str, Path]:
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in files(TESTS)}


def called(place: str, node: ast.AST) -> set[tuple[str, str]]:
    """The functions of the tests that a function calls."""
    module = tree(modules()[place])
    own, others = functions_of(module), imported(module)
    found = set()
    for part in ast.walk(node):
        match part:
            case ast.Call(func=ast.Name(id=name)) if name in own:
                found.add((place, name))
            case ast.Call(func=ast.Name(id=name)) if name in others:
                found.add(others[name])
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner in others:
                found.add((others[owner][0], name))
    return found


@cache
def can_fail(place: str, name: str, deep: int = 3) -> bool:
    """Whether a function asserts, or a function of the tests that it calls does."""
    node = functions_of(tree(modules()[place])).get(name) if place in modules() else None
    if node is None:
        return False
    return asserts(node) or (deep > 0 and any(can_fail(*one, deep - 1) for one in sorted(called(place, node))))


def test_every_test_asserts_something() -> None:
    found = [
        f"{name_of(path)}::{name}"
        for place, path in modules().items()
        if path.name.startswith("test_")
        for name in functions_of(tree(path))
        if name.startswith("test_") and not can_fail(place, name)
    ]
    assert not found, "say what must be so, also when nothing is raised"


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """What can't run somewhere isn't collected there, and its page says so."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in files(TESTS)
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "importorskip", "xfail"}
    ]
    assert not found


def is_constant(node: ast.AST) -> bool:
    """Whether it has the same value whatever the code does."""
    return all(not isinstance(part, ast.Name | ast.Call | ast.Await) for part in ast.walk(node))


def compares_with_itself(node: ast.expr) -> bool:
    """Two calls may differ: that they don't is worth a test."""
    if not isinstance(node, ast.Compare) or any(isinstance(part, ast.Call) for part in ast.walk(node)):
        return False
    return ast.unparse(node.left) in {ast.unparse(other) for other in node.comparators}


def tautologies(module: ast.Module) -> list[int]:
    """Lines that assert what can't be otherwise: a constant, or something compared with itself."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Assert):
            is_tuple = isinstance(node.test, ast.Tuple)
            if is_tuple or is_constant(node.test) or compares_with_itself(node.test):
                found.append(node.lineno)
    return found


def test_no_assertion_is_true_by_itself() -> None:
    found = [f"{name_of(path)}:{line}" for path in files(TESTS) for line in tautologies(tree(path))]
    assert not found


@pytest.mark.parametrize(
    ("code", "lines"),
    [("assert True", [1]), ("assert a.b == a.b", [1]), ("assert (a, 'why')", [1]), ("assert f() == 1", [])],
)
def test_what_is_a_tautology(code: str, lines: list[int]) -> None:
    assert tautologies(ast.parse(code)) == lines
