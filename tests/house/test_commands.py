"""Every command of `ventanilla`: what its options take."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

import typer
from typer.core import TyperGroup

from app.cli import cli


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
