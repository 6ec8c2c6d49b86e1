"""Bundles of what a search or an operation found."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from app.interop.fhir import systems
from app.interop.fhir.outcomes import warning
from app.interop.fhir.search import CURSOR, Search
from app.kernel.i18n import N_, gettext

IGNORED = N_("No se tomó en cuenta: %(names)s.")


def entry(resource: Mapping[str, Any], mode: str = "match") -> dict[str, Any]:
    """A resource in a bundle. An outcome has no address."""
    made: dict[str, Any] = {"resource": resource, "search": {"mode": mode}}
    if "id" in resource:
        made = {"fullUrl": f"{systems.base()}/{resource['resourceType']}/{resource['id']}"} | made
    return made


def searchset(
    kind: str,
    search: Search,
    found: Sequence[Mapping[str, Any]],
    *,
    total: int | None,
    next_cursor: str | None = None,
    included: Sequence[Mapping[str, Any]] = (),
    items: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What a search found: its links say what was understood of it (`items`: all that was sent), and where to go on."""
    understood = [(name, value) for name, value in items if not _is_ignored(name, value, search)]
    links = [{"relation": "self", "url": _url(kind, understood)}]
    if next_cursor is not None:
        without = [pair for pair in understood if pair[0] != CURSOR]
        links.append({"relation": "next", "url": _url(kind, [*without, (CURSOR, next_cursor)])})
    made: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        made["total"] = total
    made["link"] = links
    entries = (
        [] if search.is_count_only else [entry(one) for one in found] + [entry(one, "include") for one in included]
    )
    if search.ignored:
        entries.append(entry(warning(gettext(IGNORED) % {"names": ", ".join(search.ignored)}), "outcome"))
    return made | ({"entry": entries} if entries else {})


def _is_ignored(name: str, value: str, search: Search) -> bool:
    return name in search.ignored or f"{name}={value}" in search.ignored


def _url(kind: str, items: Sequence[tuple[str, str]]) -> str:
    query = urlencode(items, safe=":,/|$")
    return f"{systems.base()}/{kind}" + (f"?{query}" if query else "")


def of_operation(resource: Mapping[str, Any], outcome: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The one appointment that an operation is about, and what goes with it."""
    entries = [entry(resource)] + ([entry(outcome, "outcome")] if outcome else [])
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": entries}
