"""Every command of `ventanilla`: what its options take."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import typer
from typer.core import TyperGroup

from app.cli import cli
from app.commands.next_steps import STEPS_OF, detail_of, step_of
from app.kernel.i18n import use_language
from app.kernel.problems import Conflict, NotFound, Problem, all_problems
from app.main import create_app


def commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    context = command.make_context(path, [], resilient_parsing=True)
    for name in command.list_commands(context):
        yield from commands(f"{path} {name}", command.get_command(context, name))


def is_number(kind: Any) -> bool:
    return kind in {int, float, Decimal} or any(map(is_number, get_args(kind)))


def test_every_number_has_limits() -> None:
    """A number beyond what the database holds is refused by name, not by the database."""
    numbers = [
        (path, parameter.name, parameter)
        for path, command in commands("ventanilla", typer.main.get_command(cli))
        for parameter in command.params
        if is_number(parameter.type_descriptor.annotation)
    ]
    assert len(numbers) >= 6
    assert [(path, name) for path, name, number in numbers if number.max is None] == []
    assert [(path, name) for path, name, number in numbers if number.min is None] == []


PAGE = re.compile(r"\b(page|address|start page|opened|button|list of (figures|versions))\b", re.IGNORECASE)


def test_what_commands_print_speaks_of_no_page() -> None:
    create_app()
    mine = [
        kind
        for kind in all_problems()
        if kind in {NotFound, Conflict} or kind.__module__ in {f"app.{name}.problems" for name in ("savings", "law")}
    ]
    mine += [kind for kind in all_problems() if kind.slug in {"username-taken", "last-administrator"}]
    assert len(mine) > 12
    with use_language("en"):
        said = {kind.slug: f"{_text(kind)} {step_of(_made(kind))}" for kind in mine}
    assert {slug: text for slug, text in said.items() if PAGE.search(text)} == {}
    assert step_of(_made(Conflict)) == "Look at how things are now, and run the command again."


def _made(kind: type[Problem]) -> Problem:
    return kind(key="", service="", year="", name="", value="", field="", first="", day="")


def _text(kind: type[Problem]) -> str:
    return detail_of(_made(kind))


def test_next_steps_are_of_problems_that_exist() -> None:
    """They are found by slug: one that no problem has any more would never be shown."""
    create_app()
    assert set(STEPS_OF) <= {problem.slug for problem in all_problems()}
