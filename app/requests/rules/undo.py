"""Until when an approval can be undone. Pure."""

from datetime import datetime, timedelta

UNDO_MINUTES = 10
"""Long enough to notice a wrong click, short enough that nothing rests on the approval yet: its certificate is given
afterwards. Time of the agency's choice."""


def undo_until(decided_at: datetime) -> datetime:
    """The last moment to undo what was approved at this one."""
    return decided_at + timedelta(minutes=UNDO_MINUTES)


def certified_from(decided_at: datetime) -> datetime:
    """When the document of what was approved at this moment is given: a minute after the last undo, which has ended by
    then."""
    return undo_until(decided_at) + timedelta(minutes=1)
