"""Where a person is on the way to an appointment: the answers given so far, kept on our side in their session."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.identity.access import Visit
from app.identity.service.observing import ASKING
from app.kernel.parsing import iso_date, iso_instant

# The steps in order, and the page that asks each.
STEPS = {
    "person": "/citas/quien",
    "service": "/citas/motivo",
    "unit": "/citas/clinica",
    "day": "/citas/dia",
    "hold": "/citas/hora",
}
ORDER = list(STEPS)


@dataclass(frozen=True, slots=True)
class Kept:
    """A time kept for the person while they confirm."""

    id: UUID
    room: int
    start_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    """The answers so far. `moving` is the folio of the appointment that gets a new time."""

    person: UUID | None = None
    service: str | None = None
    unit: UUID | None = None
    day: date | None = None
    hold: Kept | None = None
    moving: str | None = None

    def missing(self, before: str) -> str | None:
        """The page of the first step not answered among those that come before this one; None when all are."""
        for step in ORDER[: ORDER.index(before)]:
            if getattr(self, step) is None:
                return "/mi" if self.moving else STEPS[step]
        return None


def journey_of(visit: Visit) -> Journey:
    """The journey in a visit's answers."""
    answers = visit.answers
    hold = answers.get("hold")
    return Journey(
        person=_uuid(answers.get("person")),
        service=answers.get("service"),
        unit=_uuid(answers.get("unit")),
        day=iso_date(answers["day"]) if "day" in answers else None,
        hold=_kept(hold) if hold else None,
        moving=answers.get("moving"),
    )


def shown(journey: Journey, before: str | None = None, version: int | None = None) -> list[object]:
    """What a page of the journey shows: the answers given before its step (all, at the end), and the appointment that
    moves with its version."""
    answered = ORDER[: ORDER.index(before)] if before else ORDER
    return [*(getattr(journey, step) for step in answered), journey.moving, version]


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _kept(hold: dict[str, Any]) -> Kept:
    return Kept(
        UUID(hold["id"]),
        hold["room"],
        iso_instant(hold["start_at"]),
        iso_instant(hold["until"]),
    )


def answer(visit: Visit, step: str, value: str) -> None:
    """Keep the answer to a step; a different one makes the later answers fall."""
    if visit.answers.get(step) != value:
        later: dict[str, Any] = dict.fromkeys(ORDER[ORDER.index(step) + 1 :])
        visit.remember(**later)
    visit.remember(**{step: value})
    if step == "service":
        visit.remember(**{ASKING: value})


def forget(visit: Visit) -> None:
    """Start over."""
    visit.remember(**dict.fromkeys([*ORDER, "moving", ASKING]))


def keep_hold(visit: Visit, kept: Kept | None) -> None:
    """Keep the hold, or let go of its memory."""
    if kept is None:
        visit.remember(hold=None)
        return
    visit.remember(
        hold={
            "id": str(kept.id),
            "room": kept.room,
            "start_at": kept.start_at.isoformat(),
            "until": kept.until.isoformat(),
        }
    )
