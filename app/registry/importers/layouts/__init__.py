"""The files of the insured: their columns, what is checked in each, and how rows enter the registry.

Merging is by natural key and changes only rows that differ, so the same file twice changes nothing.
"""

from app.registry.importers.layouts.family import CHILDREN, DEPENDANTS, MARKED_CHILDREN, MARKED_DEPENDANTS
from app.registry.importers.layouts.layout import Layout
from app.registry.importers.layouts.people import PEOPLE, RENAMED_PEOPLE
from app.registry.importers.layouts.places import COUNTED_PANELS, COVERAGE, PANELS
from app.registry.importers.layouts.work import (
    OTHER_PERIODS,
    OTHER_SICK_LEAVE,
    PAYMENTS,
    PENSIONS,
    PERIODS,
    SICK_LEAVE,
    WITHDRAWALS,
)

__all__ = ["Layout", "layout_of"]

# Of two that fit a header as well, the one that comes first is taken.
LAYOUTS = (
    *(PEOPLE, RENAMED_PEOPLE),
    *(DEPENDANTS, MARKED_DEPENDANTS, CHILDREN, MARKED_CHILDREN),
    *(PERIODS, *OTHER_PERIODS, PENSIONS, PAYMENTS, SICK_LEAVE, *OTHER_SICK_LEAVE, WITHDRAWALS),
    *(PANELS, COUNTED_PANELS),
)
_THEIRS = {field.name for layout in LAYOUTS for field in layout.fields} - {field.name for field in COVERAGE.fields}


def layout_of(header: list[str]) -> Layout:
    """Which of the files a header is of: one whose columns are all there, of several the one with most.

    Raises:
        RuntimeError: none of them; the message names the columns that the nearest one lacks.
    """
    names = {name.strip().lower() for name in header}
    # A file of people has the columns of coverage too: short of one of its own, it must not pass for it.
    candidates = LAYOUTS if names & _THEIRS else (*LAYOUTS, COVERAGE)
    chosen = max(candidates, key=lambda layout: _likeness(layout, names))
    missing = _missing(chosen, names)
    if missing:
        raise RuntimeError(
            f"as a file of {chosen.name} it lacks the columns {', '.join(missing)}: see docs/data-files.md"
        )
    return chosen


def _likeness(layout: Layout, names: set[str]) -> tuple[bool, int, int]:
    missing = len(_missing(layout, names))
    found = len(layout.fields) - missing
    return not missing, found, -missing if found else 0


def _missing(layout: Layout, names: set[str]) -> list[str]:
    return [field.name for field in layout.fields if field.name not in names]
