"""Templates use only what pages give them: a name that no one gives is printed as nothing, and no page fails."""

import ast
from functools import cache

import pytest
from jinja2 import meta, nodes

from app.web.rendering import environment
from tests.house.source import APP, TEMPLATES, content, files
from tests.house.source import nodes as nodes_of

NAMES = [path.relative_to(TEMPLATES).as_posix() for path in files(TEMPLATES, "*.html")]
# Of Jinja, of strings, lists and dates, or of a chart's own data.
BUILT_IN = {
    *("append", "first", "get", "index", "index0", "isoformat", "items", "keys", "last", "length", "rows"),
    *("split", "startswith", "update"),
}


@cache
def given() -> frozenset[str]:
    """Every keyword and every text key of the program: what a page may be shown with."""
    found: set[str] = set()
    for node in (node for path in files(APP) for node in nodes_of(path)):
        if isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return frozenset(found)


@cache
def attributes() -> frozenset[str]:
    """Every name that a class, a module or a mapping of the program has."""
    found = set(given())
    for node in (node for path in files(APP) for node in nodes_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {name.asname or name.name for name in node.names}
    return frozenset(found)


def defined_in(tree: nodes.Template) -> set[str]:
    """The names that a template defines or imports itself."""
    found = {macro.name for macro in tree.find_all(nodes.Macro)}
    for node in tree.find_all(nodes.FromImport):
        found |= {name[1] if isinstance(name, tuple) else name for name in node.names}
    found |= {node.target for node in tree.find_all(nodes.Import)}
    return found | {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}


@cache
def parsed(name: str) -> nodes.Template:
    return environment().parse(content(TEMPLATES / name))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_given_by_a_page(name: str) -> None:
    tree = parsed(name)
    wanted = meta.find_undeclared_variables(tree) - set(environment().globals) - defined_in(tree)
    assert wanted <= given(), wanted - given()


@pytest.mark.parametrize("name", NAMES)
def test_every_attribute_is_one_of_something(name: str) -> None:
    tree = parsed(name)
    named = {node.attr for node in tree.find_all(nodes.Getattr)}
    own = {key.value for key in tree.find_all(nodes.Const) if isinstance(key.value, str)}
    own |= {pair.key for pair in tree.find_all(nodes.Keyword)} | defined_in(tree) | BUILT_IN
    assert named <= attributes() | own, named - attributes() - own
