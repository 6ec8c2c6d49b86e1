"""Rules that keep two faults from coming back: a file from outside read in the server's own process, and a store or a
child process waited for while a transaction is open."""

import ast
from collections.abc import Iterator

from tests.house.source import APP, files, nodes

READERS = {"PdfFileReader", "CalamineWorkbook", "load_workbook", "open_heif", "read_heif", "register_heif_opener"}
IN_CHILDREN = {"certificates/examination.py", "documents/examination.py", "kernel/tabular/workbooks.py"}
"""Run by `app.kernel.sandbox` only."""
SLOW = {"read_content", "store_upload", "find_missing", "digest", "inspect", "scan"}
SLOW_OF_STORAGE = {"put", "get", "move", "remove"}
SESSIONS = {"AsyncSession", "Tx", "Read"}
AT_EASE = {"demo/requests.py": "loads before anyone is served"}


def modules() -> list[tuple[str, tuple[ast.AST, ...]]]:
    return [(path.relative_to(APP).as_posix(), nodes(path)) for path in files(APP)]


def test_files_from_outside_are_read_in_child_processes() -> None:
    others = [(name, found) for name, found in modules() if name not in IN_CHILDREN]
    found = [f"{name}:{getattr(node, 'lineno', 0)}" for name, inside in others for node in inside if _reads(node)]
    assert found == [], "read it in a function of its own module, run by app.kernel.sandbox"


def _reads(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name in READERS for alias in node.names)
    if not isinstance(node, ast.Attribute):
        return False
    is_image = isinstance(node.value, ast.Name) and node.value.id == "Image" and node.attr == "open"
    return is_image or node.attr in READERS


def test_no_transaction_is_open_while_something_slow_is_waited_for() -> None:
    found = [
        f"{name}:{line}"
        for name, inside in modules()
        if name not in AT_EASE
        for function in inside
        if isinstance(function, ast.AsyncFunctionDef) and _has_session(function)
        for line in _waiting(function)
    ]
    assert found == [], "do it within `async with released(session)`"


def _has_session(function: ast.AsyncFunctionDef) -> bool:
    given = [*function.args.args, *function.args.kwonlyargs]
    return any(isinstance(one.annotation, ast.Name) and one.annotation.id in SESSIONS for one in given)


def _waiting(node: ast.AST) -> Iterator[int]:
    """Lines that wait for something slow outside a block that released the session."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.AsyncWith) and any(
            _is_call(item.context_expr, {"release_connection"}) for item in child.items
        ):
            continue
        if isinstance(child, ast.Await) and _is_slow(child.value):
            yield child.lineno
        yield from _waiting(child)


def _is_call(node: ast.AST, names: set[str]) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", "")) in names


def _is_slow(node: ast.AST) -> bool:
    if _is_call(node, SLOW):
        return True
    function = node.func if isinstance(node, ast.Call) else None
    of_storage = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "storage"
    return of_storage and _is_call(node, SLOW_OF_STORAGE)
