"""The codes of invalid fields: those of validation errors, and our own where a field's problem is made."""

import ast
from collections.abc import Iterator
from pathlib import Path

from app.kernel.schemas import MESSAGES
from app.requests.rules.forms import WRONG

APP = Path(__file__).resolve().parent.parent / "app"
PAGES = APP / "web"
"""Their forms show texts only."""


def made_fields() -> Iterator[tuple[Path, ast.Call]]:
    """Each place in which the problem of a field is made, outside the pages."""
    for path in sorted(APP.rglob("*.py")):
        if PAGES in path.parents:
            continue
        written = path.read_text(encoding="utf-8")
        if "FieldError(" in written:
            for node in ast.walk(ast.parse(written)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "FieldError":
                    yield path, node


def own_codes() -> set[str]:
    """Our own codes that are written out where a field's problem is made."""
    found = {
        one.value
        for _path, node in made_fields()
        for one in ast.walk(node.args[2] if len(node.args) > 2 else node)
        if isinstance(one, ast.Constant)
        and isinstance(one.value, str)
        and len(one.value) > 1
        and one.value.isidentifier()
    }
    return (found | {WRONG}) - MESSAGES.keys()


def describe_codes() -> list[str]:
    """The page's part about them, in Markdown."""
    listed = ", ".join(f"`{code}`" for code in sorted(own_codes()))
    return [
        "",
        "## Codes of fields",
        "",
        (
            "Each of `fields` has `field`, its path with dots; `code`; and `message`, the same in words. Codes don't "
            "change. Those of validation, with what they say:"
        ),
        "",
        "| code | what it says |",
        "|---|---|",
        *(f"| `{code}` | {text} |" for code, text in sorted(MESSAGES.items())),
        "",
        "`value_error` is a value of the right type that isn't accepted; other types of Pydantic's errors may appear.",
        f"Our own: {listed}.",
        (
            "Rows of parameters, questions about metrics and scopes have the reason as their code, with `_` for `-`, "
            "such as `too_many_groups`."
        ),
    ]
