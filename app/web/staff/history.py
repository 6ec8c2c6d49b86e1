"""The history of a request as staff read it: who did what; repetitions in one line, the latest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.kernel.clock import local_day
from app.kernel.i18n import gettext, ngettext
from app.requests.queries.case_file import StaffEvent
from app.web.labels import STAFF_ROLES
from app.web.staff_labels import HELPED, STAFF_EVENTS, event_key


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the history: what happened, when first and when last."""

    text: str
    first_at: datetime
    last_at: datetime


def entries(events: Sequence[StaffEvent], zone: str) -> list[Entry]:
    """The lines, latest first. Pages saved, or documents attached, one after the other on a day make one."""
    lines: list[Entry] = []
    times, before = 0, ("", "")
    for event in events:
        text = _text(event)
        if text is None:
            continue
        same = (event.type, _help(event))
        is_again = same == before and local_day(lines[-1].first_at, zone) == local_day(event.at, zone)
        times, before = times + 1 if is_again else 1, same
        many = _many(event.type, times) if is_again else None
        if many is not None:
            lines[-1] = Entry(many + _help(event), lines[-1].first_at, event.at)
        else:
            lines.append(Entry(text + _help(event), event.at, event.at))
    return lines[::-1]


def _many(type_: str, count: int) -> str | None:
    """Several of a kind in words; None for a kind that has a line each."""
    if type_ == "request.saved":
        text = ngettext("La persona guardó %(count)s página", "La persona guardó %(count)s páginas", count)
    elif type_ == "request.document-received":
        text = ngettext("La persona adjuntó %(count)s documento", "La persona adjuntó %(count)s documentos", count)
    else:
        return None
    return text % {"count": count}


def _text(event: StaffEvent) -> str | None:
    is_by_rules = event.type == "request.decided" and event.staff_name is None
    found = STAFF_EVENTS.get("request.decided:system" if is_by_rules else event_key(event.type, event.payload))
    if found is None:
        return None
    return gettext(found) % {"name": event.staff_name or "–", "holder": event.holder_name or "–"}


def _help(event: StaffEvent) -> str:
    """How a member of staff helped with a step of the person's, after the words for it; nothing where none did."""
    words = HELPED.get(event.assisted_channel or "")
    if words is None:
        return ""
    role = STAFF_ROLES.get(event.helper_role or "")
    by = {"name": event.staff_name or "–", "role": gettext(role) if role else "–"}
    return f" · {gettext(words) % by}"
