"""The `ventanilla` command."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "up": "up.up",
    "serve": "run.serve",
    "worker": "run.worker",
    "demo": "demo.demo",
    "check": "check.check",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "keys": "keys.keys",
    "db": "database.db",
    "catalog": "catalog.catalog",
    "import": "data.imports",
    "law": "law.law",
    "staff": "staff.staff",
    "dead-letters": "dead_letters.dead_letters",
    "messages": "messages.messages",
    "clients": "clients.clients",
    "webhooks": "webhooks.webhooks",
    "savings": "savings.savings",
    "storage": "storage.storage",
}
"""Commands and their location in app/commands: a function, or a Typer app for a group."""


class OnDemand(TyperGroup):
    """A group that imports commands lazily, since importing all of them takes seconds."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        # Suggestions for an unknown name need all of them.
        for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
            self.commands.setdefault(name, _imported(name))
        return super().get_command(ctx, cmd_name)


def _imported(name: str) -> TyperCommand | TyperGroup:
    # Import every package's tables: backups and key rotation enumerate the imported models.
    import_module("app.tables")
    module, _, attribute = COMMANDS[name].partition(".")
    found = getattr(import_module(f"app.commands.{module}"), attribute)
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    alone.command(name)(found)
    command = typer.main.get_command(alone)
    assert isinstance(command, TyperCommand)
    return command


cli = typer.Typer(
    cls=OnDemand,
    name="ventanilla",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Ventanilla, a citizen-service portal.\n\nTo try it: [bold]ventanilla up[/] starts everything, with its own"
    " database and demonstration data. Settings are environment variables, listed in docs/settings.md.",
)


@cli.callback()
def _ventanilla() -> None: ...


def main() -> None:
    """Run the command-line interface."""
    cli()


if __name__ == "__main__":
    main()
