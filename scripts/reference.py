"""Write the reference pages of docs/ from the code itself: settings, permissions, problems, events,
commands, the AsyncAPI document, the data dictionary, and the tables and diagrams of other pages.

`make docs-reference` writes them; a test fails when a page and the code differ.
"""

import inspect
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import time
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import typer
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from typer.core import TyperGroup

from app.cli import cli
from app.identity.permissions import PERMISSIONS
from app.kernel import key_rotation as _  # noqa: F401 # its event
from app.kernel.actor import Role
from app.kernel.events import COMMON_FIELDS, all_event_types
from app.kernel.http.openapi import summary_of
from app.kernel.problems import all_problems
from app.kernel.settings import PREFIX
from app.main import create_app
from app.savings.export.tables import EXPORTED, KINDS, PUBLIC_TABLES, TICKET_SUMS, TRANSACTION_SUMS, VIEWS, Field, Table
from app.settings import PortalSettings
from app.web.reference.pages import versions
from app.webhooks import asyncapi
from scripts.diagrams import draw
from scripts.field_codes import describe_codes
from scripts.service_tables import list_services

DOCS = Path(__file__).resolve().parent.parent / "docs"
NOTE = "<!-- Written by `make docs-reference` from the code. Don't edit it by hand. -->"

WITH_DIAGRAMS = ("appointments.md", "desk.md", "architecture.md", "services.md")


def pages() -> dict[str, str]:
    """The text of every reference page, by file name."""
    create_app()
    for path in sorted((DOCS.parent / "app").glob("*/events.py")):
        import_module(f"app.{path.parent.name}.events")
    made = {
        "settings.md": settings(),
        "permissions.md": permissions(),
        "problems.md": problems(),
        "events.md": events(),
        "commands.md": commands(),
        "api-changes.md": api_changes(),
    }
    written = {name: "\n".join([*lines, ""]) for name, lines in made.items()} | {"data.md": data()}
    drawn = {name: draw((DOCS / name).read_text(encoding="utf-8")) for name in WITH_DIAGRAMS}
    written["asyncapi.json"] = json.dumps(asyncapi.document(), indent=1) + "\n"
    return written | drawn | {"services.md": list_services(drawn["services.md"])}


def api_changes() -> list[str]:
    """What each version changed for programs, newest first."""
    policy = "How long what is deprecated stays is in [the guide](api.md#versions-and-deprecation)."
    lines = ["# Changes of the API", NOTE, "", policy]
    for one in versions():
        lines += ["", f"## {one.version}{f' ({one.released})' if one.released else ''}"]
        parts = {"Added": one.added, "Changed": one.changed, "Deprecated": one.deprecated, "Removed": one.removed}
        for title, listed in parts.items():
            lines += ["", f"### {title}", "", *(f"- {line}" for line in listed)] if listed else []
    return lines


def settings() -> list[str]:
    """Every environment variable, with its default and its limits."""
    head = [
        "# Settings",
        NOTE,
        "",
        (
            "Environment variables, read once at start and checked: a wrong value stops the program and says "
            "which. Nothing needs to be set to try Ventanilla; `VENTANILLA_ENVIRONMENT=production` asks for what "
            "production can't do without."
        ),
        "",
        "| variable | kind | default | what it does |",
        "|---|---|---|---|",
    ]
    return head + [
        f"| `{PREFIX}{name.upper()}` | {_kind(field)} | {_default(field)} | {field.description} |"
        for name, field in PortalSettings.model_fields.items()
    ]


def _kind(field: FieldInfo) -> str:
    choices = [kind for kind in get_args(field.annotation) if kind is not NoneType] or [field.annotation]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    known = {str: "text", int: "whole number", bool: "`true` or `false`", Path: "folder", SecretStr: "secret text"}
    known[time] = "time of day"
    kind = known[choices[0]]
    low = next((str(m.ge) for m in field.metadata if hasattr(m, "ge")), "")
    high = next((str(m.le) for m in field.metadata if hasattr(m, "le")), "")
    span = f" {low} to {high}" if low and high else f" from {low}" if low else ""
    return kind + span


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def permissions() -> list[str]:
    """Which roles may do what, and where."""
    head = [
        "# Permissions",
        NOTE,
        "",
        (
            "What each role of staff may do. Scope `unit`: at the units where they work; `agency`: everywhere. "
            "Citizens need no role: they see what is theirs, and the people they act for ([security](security.md))."
        ),
        "",
        "| action | " + " | ".join(role.value for role in Role) + " | scope | meaning |",
        "|---|" + "---|" * (len(Role) + 2),
    ]
    rows = []
    for action, one in PERMISSIONS.items():
        roles = " | ".join("yes" if role in one.roles else "" for role in Role)
        rows.append(f"| `{action.value}` | {roles} | {one.scope.value} | {one.meaning} |")
    return head + rows


def problems() -> list[str]:
    """Every problem the API or a page may answer, with its status, meaning and advice in Spanish."""
    head = [
        "# Problems",
        NOTE,
        "",
        (
            "Every refusal is a problem (RFC 9457): `code` is its slug, and `type` is `/problems/<slug>`, which is "
            "also a page of the portal. Texts are in the language asked for (`Accept-Language: es` or `en`); they "
            "may change, slugs don't."
        ),
        "",
        "| slug | status | when | what it says | what to do next |",
        "|---|---|---|---|---|",
    ]
    return (
        head
        + [
            f"| `{kind.slug}` | {kind.status} | {summary_of(kind)} | {kind.title} | {kind.next_step or '—'} |"
            for kind in all_problems()
        ]
        + describe_codes()
    )


def events() -> list[str]:
    """Every event of the log and its own fields."""
    head = [
        "# Events",
        NOTE,
        "",
        (
            "The event log is the record of what happened: one row in the same transaction as the change. Each "
            "has an id (UUIDv7), time, type, subject, person, unit, actor, channel and service by id only, the class "
            "of device, the active seconds spent since the event before ([how](observation.md)), and a payload of its "
            "own. No name, CURP, address or secret enters it."
        ),
        "",
        "| type | meaning | payload |",
        "|---|---|---|",
    ]
    rows = []
    for kind in all_event_types():
        own = ", ".join(f"`{field.name}`" for field in fields(kind) if field.name not in COMMON_FIELDS)
        rows.append(f"| `{kind.type}` | {_first_paragraph(kind)} | {own or '—'} |")
    return head + rows


def commands() -> list[str]:
    """Every command with its help, as the command line itself would say it."""
    head = ["# Commands", NOTE, "", "Every command explains itself with `--help`.", ""]
    group = typer.main.get_command(cli)
    return head + [line for path, command in _walk("ventanilla", group) for line in _command(path, command)]


def _walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    context = command.make_context(path, [], resilient_parsing=True)
    for name in command.list_commands(context):
        yield from _walk(f"{path} {name}", command.get_command(context, name))


def _command(path: str, command: Any) -> Iterator[str]:
    yield f"## {path}"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    for option in command.params:
        words = [*option.opts, *option.secondary_opts]
        name = option.name.upper() if option.param_type_name == "argument" else ", ".join(words)
        text = getattr(option, "help", "") or ""
        yield f"- `{name}` {text}".rstrip()
    yield ""


DICTIONARY = "<!-- dictionary -->"


def data() -> str:
    """The page about data: what is written by hand, then the dictionary."""
    by_hand = (DOCS / "data.md").read_text(encoding="utf-8").partition(DICTIONARY)[0]
    lines = [DICTIONARY, NOTE, "", "## Dictionary", ""]
    lines += ["### Sums of transactions", "", *_columns(TRANSACTION_SUMS), "", "### Sums of desk tickets", ""]
    lines += [*_columns(TICKET_SUMS), ""]
    for table in (*VIEWS.values(), KINDS):
        lines += _table(table)
    return by_hand + "\n".join(lines)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.name}"
    yield ""
    yield f"{table.title}. {table.means} Source: {_lower(table.source)}. {_where(table)}"
    yield ""
    yield from _columns([field for field in table.fields if field not in (*TRANSACTION_SUMS, *TICKET_SUMS)])
    for sums, name in ((TRANSACTION_SUMS, "transactions"), (TICKET_SUMS, "desk-tickets")):
        if set(sums) <= set(table.fields):
            yield f"\nand the [sums of {name.replace('-', ' ')}](#sums-of-{name})."
    yield ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _where(table: Table) -> str:
    if table.name not in VIEWS:
        return "Export only."
    if table.name not in EXPORTED:
        return "View only."
    return "View and exports." if table.name in PUBLIC_TABLES else "View and full export."


def _columns(fields: Iterable[Field]) -> list[str]:
    head = ["| column | type | unit | meaning |", "|---|---|---|---|"]
    return head + [
        f"| {'**' if f.is_key else ''}`{f.name}`{'**' if f.is_key else ''} | {f.type} | {f.unit} | {f.means} |"
        for f in fields
    ]


def _first_paragraph(kind: type) -> str:
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


if __name__ == "__main__":
    main()
