"""Findings of checks in words: the fact with its values, never the condition."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalog.definition import Eligibility
from app.catalog.rules.eligibility.registry import NO_FIGURE, rule_named
from app.kernel.i18n import _, format_long_day, ngettext
from app.law.definitions import definitions


def _days(count: int) -> str:
    return ngettext("%(count)s día", "%(count)s días", count) % {"count": f"{count:,}"}


def _weeks(count: int) -> str:
    return ngettext("%(count)s semana", "%(count)s semanas", count) % {"count": f"{count:,}"}


def _years(count: int) -> str:
    return ngettext("%(count)s año", "%(count)s años", count) % {"count": f"{count:,}"}


def _day(value: str) -> str:
    return format_long_day(date.fromisoformat(value))


def _money(value: str) -> str:
    return f"${Decimal(value):,.2f}"


# Formatters by value name; counts include their unit.
WRITTEN: dict[str, Callable[[Any], str]] = {
    "days": _days,
    "needed_days": _days,
    "from_days": _days,
    "weeks": _weeks,
    "years": _years,
    "age": _years,
    "apart": _years,
    "account": _years,
    "limit": _years,
    "last": _day,
    "since": _day,
    "born": _day,
    "until": _day,
    "reached": _day,
    "chosen": _money,
    "least": _money,
    "most": _money,
}


def parameter_labels(name: str) -> str:
    """Return the label of a figure of law; its name if this version doesn't define it."""
    definition = definitions().get(name)
    return str(definition.text) if definition else name


def written(name: str, value: Any) -> str:
    """A figure as people read it."""
    if value is None:
        return "—"
    return WRITTEN[name](value) if name in WRITTEN else str(value)


def sentence(asked: Eligibility, finding: str, values: Mapping[str, Any]) -> str:
    """What the check found, in the current language: the condition itself when it holds, else the fact found."""
    if finding == "pass":
        return str(asked.text)
    if finding == NO_FIGURE:
        return _("Falta una cifra vigente para ese día (%(figure)s): lo revisa el personal") % {
            "figure": parameter_labels(str(values["figure"]))
        }
    rule = rule_named(asked.rule)
    own = asked.findings.get(finding)
    text = str(own) if own else _((rule.findings.get(finding) if rule else None) or "")
    if not text:
        raise LookupError(f"{asked.rule} has no sentence for {finding!r}")
    return text % {name: written(name, value) for name, value in values.items()}


def private_sentence() -> str:
    """What the applicant is shown of a check about another person: the same whatever the registry says."""
    return _("Los datos de la otra persona los revisa el personal")
