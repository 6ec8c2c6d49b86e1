"""The life of a ticket: one person's stay at a unit for one service, today."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from app.desk import problems

CALLS = 3
"""How often a ticket is called, where a unit sets nothing else, before its person counts as gone."""
UNDO_FOR = timedelta(minutes=30)
"""How long after it ended a ticket can be put back in its queue."""


class TicketStatus(StrEnum):
    """The status of a ticket."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    DONE = "done"
    LEFT = "left"


OPEN = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)
"""The person is at the unit."""
AT_COUNTER = (TicketStatus.CALLED, TicketStatus.SERVING)
"""A counter has the ticket; it has one at a time."""
ENDED = (TicketStatus.DONE, TicketStatus.LEFT)


class TicketAction(StrEnum):
    """What is done with a ticket."""

    CALL = "call"
    SERVE = "serve"
    PARK = "park"
    RETURN = "return"
    TRANSFER = "transfer"
    FINISH = "finish"
    LEAVE = "leave"
    UNDO = "undo"
    RECORD = "record"
    """The person was attended without being called, and it is recorded afterwards."""


# (status, action) -> next status. The pages show buttons and the docs draw the diagram from this table.
TRANSITIONS: dict[tuple[TicketStatus, TicketAction], TicketStatus] = {
    (TicketStatus.WAITING, TicketAction.CALL): TicketStatus.CALLED,
    (TicketStatus.CALLED, TicketAction.CALL): TicketStatus.CALLED,
    (TicketStatus.CALLED, TicketAction.SERVE): TicketStatus.SERVING,
    (TicketStatus.WAITING, TicketAction.PARK): TicketStatus.PARKED,
    (TicketStatus.CALLED, TicketAction.PARK): TicketStatus.PARKED,
    (TicketStatus.PARKED, TicketAction.RETURN): TicketStatus.WAITING,
    (TicketStatus.SERVING, TicketAction.TRANSFER): TicketStatus.WAITING,
    (TicketStatus.SERVING, TicketAction.FINISH): TicketStatus.DONE,
    (TicketStatus.WAITING, TicketAction.LEAVE): TicketStatus.LEFT,
    (TicketStatus.CALLED, TicketAction.LEAVE): TicketStatus.LEFT,
    (TicketStatus.PARKED, TicketAction.LEAVE): TicketStatus.LEFT,
    (TicketStatus.LEFT, TicketAction.UNDO): TicketStatus.WAITING,
    (TicketStatus.WAITING, TicketAction.RECORD): TicketStatus.DONE,
    (TicketStatus.CALLED, TicketAction.RECORD): TicketStatus.DONE,
    (TicketStatus.PARKED, TicketAction.RECORD): TicketStatus.DONE,
    (TicketStatus.SERVING, TicketAction.RECORD): TicketStatus.DONE,
}


class LeftBecause(StrEnum):
    """Why a ticket ended without service. None of them is a missed appointment: the person was there."""

    NO_ANSWER = "no-answer"
    GAVE_UP = "gave-up"
    REDIRECTED = "redirected"
    CLOSED = "closed"
    """The day ended and the ticket was never called: left unserved, which counts against the unit."""


class CorrectedBecause(StrEnum):
    """Why the person of a ticket was the wrong one."""

    WRONG_CHOICE = "wrong-choice"
    """Another person of the list was chosen."""
    SLIP_OF_ANOTHER = "slip-of-another"
    """Someone else stands here with that number."""
    UNSURE = "unsure"
    """Who they are couldn't be confirmed."""


def end_of_day(status: TicketStatus) -> tuple[TicketStatus, LeftBecause | None]:
    """Return how a ticket ends that is still open when its day is over: one that was never called counts against the
    unit; a person who was called, or was to come back, wasn't there; one at a counter was attended, and the counter
    forgot to say so."""
    if status is TicketStatus.SERVING:
        return TicketStatus.DONE, None
    because = {TicketStatus.CALLED: LeftBecause.NO_ANSWER, TicketStatus.PARKED: LeftBecause.GAVE_UP}
    return TicketStatus.LEFT, because.get(status, LeftBecause.CLOSED)


def step(status: TicketStatus, action: TicketAction) -> TicketStatus:
    """Return the status after an action.

    Raises:
        TicketNotInState: a ticket in this status doesn't take it.
    """
    after = TRANSITIONS.get((status, action))
    if after is None:
        raise problems.TicketNotInState.of(status.value, action=action.value)
    return after


def require_called_enough(calls: int, needed: int) -> None:
    """Require that a ticket was called as often as the unit asks for before its person counts as gone.

    Raises:
        CallAgain: with how many calls are left.
    """
    if calls < needed:
        raise problems.CallAgain(left=needed - calls)


def require_undoable(ended_at: datetime, now: datetime) -> None:
    """Require that a ticket left a short while ago.

    Raises:
        TicketUndoTooLate.
    """
    if now - ended_at > UNDO_FOR:
        raise problems.TicketUndoTooLate


def printed_number(letter: str, number: int) -> str:
    """Return the number on the slip and the board: A-017."""
    return f"{letter}-{number:03d}"


NUMBER = re.compile(
    r"(?:(?:turno|ticket|n[uú]mero|number|n[uú]m\.?|no\.|n[°º]|\#)\s*){0,2}([A-Za-z])[\W_]{0,5}0*([1-9][0-9]{0,5})",
    re.IGNORECASE,
)
"""A letter and a number, with what people and keyboards put between and before them: «b4», «B-004», «b – 004», «turno
B-004», «No. B-004»."""


def parse_number(text: str) -> tuple[str, int] | None:
    """Return the letter and number of a ticket, when that is all that was typed, scanned or printed; None when it is no
    number."""
    text = unicodedata.normalize("NFKC", text)  # full-width letters and digits, as some keyboards type them
    found = NUMBER.fullmatch(text.strip())
    return (found[1].upper(), int(found[2])) if found else None
