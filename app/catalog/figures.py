"""Placeholders for figures of law in texts of services, filled with the values in force today."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from app.kernel import clock
from app.kernel.i18n import N_, _
from app.law.current import law
from app.law.rules import figures_named_in
from app.places.rules import DEFAULT_ZONE

if TYPE_CHECKING:
    from app.catalog.definition import Service

PLACEHOLDER = re.compile(r"\{law:([a-z0-9-]+)\}")
NOT_PUBLISHED = N_("(cifra por publicar)")


def figures_named(text: str) -> list[str]:
    """The figures that a text names."""
    return PLACEHOLDER.findall(text)


def figures_of(service: "Service") -> list[str]:
    """The figures that a service's rules, effects and answer rest on, in the file's order, each once."""
    blocks = [one.parameters for one in service.eligibility] + [service.result.parameters]
    named = [figure for parameters in blocks for _key, figure in figures_named_in(parameters)]
    return list(dict.fromkeys([*named, *service.figures]))


def fill_figures(text: str) -> str:
    """Fill in the figures in force today in central Mexico, or a note where one isn't published."""
    return PLACEHOLDER.sub(lambda found: _format_figure(found.group(1)), text) if "{law:" in text else text


def _format_figure(name: str) -> str:
    found = law().find(name, clock.today(DEFAULT_ZONE))
    if found is None or not isinstance(found.value, Decimal):
        return _(NOT_PUBLISHED)
    return f"{found.value:,}"
