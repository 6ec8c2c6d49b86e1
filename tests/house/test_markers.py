"""What `make test-fast` leaves out follows from what a test does, so that it can't grow unseen."""

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.groups import Function, costly, functions_in
from tests.house.source import ROOT, content, files, name_of, tree

TESTS = ROOT / "tests"
SHARED = {"scene": Function(True, frozenset({"db"}), False)}
BREAKING = {"SIGKILL", "kill", "kill_web", "killpg"}
ENDS_CONNECTIONS = "pg_terminate_backend"
NO_FAULT = {
    "tests/documents/test_orphan_cleanup.py": "a database is copied only when no one is connected to it",
    name_of(Path(__file__)): "names them",
}


def test_chromium_is_started_by_the_fixture_that_marks_its_tests() -> None:
    starting = {name_of(path) for path in files(TESTS) if "async_playwright(" in content(path)}
    assert starting - set(NO_FAULT) == {"tests/journeys/conftest.py"}


def breaks(node: ast.AST) -> bool:
    """Whether it kills a process or ends a connection, other than to tidy up."""
    if isinstance(node, ast.Try):
        return any(breaks(child) for child in [*node.body, *node.handlers, *node.orelse])
    if isinstance(node, ast.Attribute) and node.attr in BREAKING:
        return True
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and ENDS_CONNECTIONS in node.value:
        return True
    return any(breaks(child) for child in ast.iter_child_nodes(node))


def named_in(node: ast.AST) -> set[str]:
    """The names that a function uses; its parameters are the fixtures."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} | {
        part.arg for part in ast.walk(node) if isinstance(part, ast.arg)
    }


def breaking(module: ast.Module) -> Iterator[str]:
    """The tests of a file that break something, themselves or by what they use of the same file."""
    defined: dict[str, ast.AST] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            defined |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    found = {name for name, node in defined.items() if breaks(node)}
    while more := {name for name, node in defined.items() if named_in(node) & found} - found:
        found |= more
    return (name for name in sorted(found) if name.startswith("test_"))


def is_marked(module: ast.Module, test: str, mark: str) -> bool:
    wanted = f"mark.{mark}"
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            if wanted in ast.unparse(node.value):
                return True
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == test:
            return any(wanted in ast.unparse(one) for one in node.decorator_list)
    return False


def test_what_kills_processes_or_connections_is_marked() -> None:
    found = [
        f"{name_of(path)}::{test}"
        for path in files(TESTS, "test_*.py")
        if name_of(path) not in NO_FAULT
        for test in breaking(tree(path))
        if not is_marked(tree(path), test, "faults")
    ]
    assert not found, "mark it: @pytest.mark.faults"


def test_what_kills_is_seen_through_a_helper_and_cleaning_up_is_none() -> None:
    module = ast.parse(
        "def end(): os.killpg(1, signal.SIGKILL)\n"
        "def test_one(): end()\n"
        "def test_two():\n    try: pass\n    finally: process.kill()\n"
    )
    assert list(breaking(module)) == ["test_one"]


OWN_DATABASE = ("datname", "{WAITING}", "{SLEEPING}")  # tests/waiting.py


def ends_others(path: Path) -> list[str]:
    """The statements that end connections whichever database they are of: those of other processes of the run, too."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            text = ast.unparse(node)
            if ENDS_CONNECTIONS in text and "pg_stat_activity" in text and not any(one in text for one in OWN_DATABASE):
                found.append(f"{name_of(path)}:{node.lineno}")
    return found


def test_no_test_ends_connections_of_another() -> None:
    assert [one for path in files(TESTS) for one in ends_others(path)] == []


TEXT = dedent("""
    @pytest.fixture
    def made(worker_name: str) -> Iterator[URL]:
        yield clone(worker_name)

    def test_own(made: URL) -> None:
        assert made

    async def test_through_the_scene(
        scene: Scene,
        tmp_path: Path,
    ) -> None:
        assert scene

    def test_process() -> None:
        run([sys.executable, "-c", ""])

    def test_rule(one: int) -> None:
        assert one
""")


def test_what_copies_the_database_or_starts_a_process_is_slow() -> None:
    tests = {name for name in functions_in(TEXT) if name.startswith("test_")}
    assert tests - costly(TEXT, SHARED) == {"test_rule"}


def test_no_test_escapes_the_selection() -> None:
    for path in files(TESTS, "test_*.py"):
        defined = {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        missed = defined - set(functions_in(content(path)))
        assert not missed, f"{name_of(path)}: tests/groups.py doesn't see {missed}"


OF_CHANCE = {"generate_key", "new_id", "now", "randbits", "today", "token_hex", "token_urlsafe", "uuid4"}


def names_by_chance(decorator: ast.Call) -> bool:
    """Whether a parametrised test is named by what differs from process to process: then each worker collects other
    tests, and none runs."""
    names = next((one.value for one in decorator.keywords if one.arg == "ids"), None)
    if isinstance(names, ast.List):
        return False
    parts = decorator.args[1:] if names is not None else [one for one in ast.walk(decorator) if is_text(one)]
    called = {one.func for part in parts for one in ast.walk(part) if isinstance(one, ast.Call)}
    return bool({getattr(one, "attr", getattr(one, "id", "")) for one in called} & OF_CHANCE)


def is_text(node: ast.AST) -> bool:
    """Whether it is made into text, by which pytest names a test."""
    is_made = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str"
    return is_made or isinstance(node, ast.JoinedStr)


def test_every_process_collects_tests_of_the_same_names() -> None:
    found = [
        f"{name_of(path)}:{decorator.lineno}"
        for path in files(TESTS)
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "parametrize"
        if names_by_chance(decorator)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("written", "is_wrong"),
    [
        ('parametrize("x", [str(ids.new_id())])', True),
        ('parametrize("x", [f"{uuid4()}"])', True),
        ('parametrize("x", [key.generate_key()], ids=str)', True),
        ('parametrize("x", [key.generate_key()], ids=["key"])', False),
        ('parametrize("x", [ids.new_id()])', False),
        ('parametrize("x", [str(1)], ids=str)', False),
    ],
)
def test_what_names_by_chance(written: str, is_wrong: bool) -> None:
    call = ast.parse(written, mode="eval").body
    assert isinstance(call, ast.Call)
    assert names_by_chance(call) == is_wrong
