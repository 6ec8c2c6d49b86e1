"""What reads in a read-only transaction never comes to a write, not even one that is seldom due.

PostgreSQL refuses such a write with an error, and a write that happens only now and then (a session seen again after
a minute) is missed by a test that does everything at once. So the code is followed: from each `Read` parameter and
each `reading()` block, through every function that the session is passed to.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.house.source import APP, ROOT, files, tree

WRITES = re.compile(r"\b(INSERT INTO|UPDATE \w+\s+(AS \w+\s+)?SET|DELETE FROM|FOR (NO KEY )?UPDATE|nextval)\b")
BUILDERS = {"insert", "update", "delete"}
METHODS = {"add", "add_all", "delete", "merge", "with_for_update"}
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Module:
    """A file: its functions, what it imports by which name, and its statements that write."""

    functions: dict[str, FunctionNode] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    writing: set[str] = field(default_factory=set)


@cache
def modules() -> dict[str, Module]:
    found = {}
    for path in files(APP):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[dotted] = _read(tree(path))
    return found


def _read(parsed: ast.Module) -> Module:
    module = Module()
    for node in parsed.body:
        if isinstance(node, FunctionNode):
            module.functions[node.name] = node
        elif isinstance(node, ast.ImportFrom) and node.module:
            module.imports |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Assign) and _builds(node.value):
            module.writing |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return module


def _text_writes(node: ast.AST) -> bool:
    words = "".join(
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    return bool(WRITES.search(words))


def resolve(dotted: str) -> tuple[str, FunctionNode] | None:
    """The function of this name, also where a package hands it on."""
    place, _dot, name = dotted.rpartition(".")
    module = modules().get(place)
    if module is None:
        return None
    if name in module.functions:
        return place, module.functions[name]
    return resolve(module.imports[name]) if name in module.imports else None


def called(place: str, call: ast.Call) -> str | None:
    """The whole name of what is called."""
    match call.func:
        case ast.Name(id=name):
            return modules()[place].imports.get(name, f"{place}.{name}")
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{modules()[place].imports.get(owner, owner)}.{name}"
    return None


def passes(call: ast.Call, name: str, function: FunctionNode) -> str | None:
    """The parameter by which the function receives the variable, if it does."""
    for parameter, given in zip(function.args.args, call.args, strict=False):
        if isinstance(given, ast.Name) and given.id == name:
            return parameter.arg
    return next((k.arg for k in call.keywords if isinstance(k.value, ast.Name) and k.value.id == name), None)


def writes(place: str, body: ast.AST, name: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """Where code that has the session by this name writes by it, as `module:line`."""
    assigned = [node for node in ast.walk(body) if isinstance(node, ast.Assign) and _changes(node.value)]
    built = {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}
    for node in ast.walk(body):
        if not isinstance(node, ast.Call):
            continue
        uses = any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
        if not uses:
            continue
        if _writes_here(place, node, name, built):
            yield f"{place}:{node.lineno}"
        dotted = called(place, node)
        found = resolve(dotted) if dotted else None
        parameter = passes(node, name, found[1]) if found else None
        if found and parameter and (dotted or "", parameter) not in seen:
            seen.add((dotted or "", parameter))
            yield from writes(found[0], found[1], parameter, seen)


def _writes_here(place: str, call: ast.Call, name: str, built: set[str]) -> bool:
    """Whether it has the session itself add something, or execute a statement that writes."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=owner), attr=method) if owner == name:
            names = {part.id for given in call.args for part in ast.walk(given) if isinstance(part, ast.Name)}
            by_name = any(name in built or _is_writing(place, name) for name in names)
            return method in METHODS or by_name or any(_builds(given) for given in call.args)
    return False


def _is_writing(place: str, name: str) -> bool:
    home, _dot, own = modules()[place].imports.get(name, f"{place}.{name}").rpartition(".")
    return home in modules() and own in modules()[home].writing


def _builds(node: ast.AST) -> bool:
    locks = any(isinstance(part, ast.Attribute) and part.attr == "with_for_update" for part in ast.walk(node))
    return locks or _changes(node)


def _changes(node: ast.AST) -> bool:
    """As `_builds`, but for a lock: a query's caller may choose whether its statement takes one."""
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return any(isinstance(made, ast.Name) and made.id in BUILDERS for made in calls) or _text_writes(node)


def readers() -> Iterator[tuple[str, ast.AST, str]]:
    """Everything that has a read-only session, with the name of it."""
    for place, module in modules().items():
        for function in module.functions.values():
            for argument in function.args.args + function.args.kwonlyargs:
                if argument.annotation is not None and ast.unparse(argument.annotation) in {"Read", "db.Read"}:
                    yield place, function, argument.arg
            for node in ast.walk(function):
                if isinstance(node, ast.AsyncWith):
                    for item in node.items:
                        begun = ast.unparse(item.context_expr)
                        if begun in {"reading()", "db.reading()"} and isinstance(item.optional_vars, ast.Name):
                            yield place, ast.Module(node.body, []), item.optional_vars.id


def test_what_only_reads_writes_nothing() -> None:
    begun = list(readers())
    assert len(begun) > 60
    found = {f"{place} comes to {where}" for place, body, name in begun for where in writes(place, body, name, set())}
    assert found == set()
