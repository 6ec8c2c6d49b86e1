"""The `ventanilla` command."""

import typer

from app.commands import (
    backup,
    catalog,
    check,
    data,
    database,
    dead_letters,
    keys,
    messages,
    run,
    savings,
    staff,
    storage,
    up,
)

cli = typer.Typer(
    name="ventanilla",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Ventanilla, a citizen-service portal.\n\nTo try it: [bold]ventanilla up[/] starts everything, with its own"
    " database and demonstration data. Settings are environment variables, listed in docs/settings.md.",
)
cli.command()(up.up)
cli.command()(run.serve)
cli.command()(run.worker)
cli.command()(data.demo)
cli.command()(check.check)
cli.command()(backup.backup)
cli.command()(backup.restore)
cli.add_typer(keys.keys, name="keys")
cli.add_typer(database.db, name="db")
cli.add_typer(catalog.catalog, name="catalog")
cli.add_typer(data.imports, name="import")
cli.add_typer(staff.staff, name="staff")
cli.add_typer(dead_letters.dead_letters, name="dead-letters")
cli.add_typer(messages.messages, name="messages")
cli.add_typer(savings.savings, name="savings")
cli.add_typer(storage.storage, name="storage")


def main() -> None:
    """Entry point of the command."""
    cli()


if __name__ == "__main__":
    main()
