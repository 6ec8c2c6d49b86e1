"""The booking flow: the answers given so far, stored in the session."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.identity.service.activity import SERVICE_ANSWER
from app.kernel.parsing import iso_date, iso_instant
from app.web.browser import BrowserSession

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
class HeldTime:
    """A slot held for the person while they confirm."""

    id: UUID
    room: int
    start_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class BookingFlow:
    """The answers so far. `moving` is the folio of the appointment that gets a new time."""

    person: UUID | None = None
    service: str | None = None
    unit: UUID | None = None
    day: date | None = None
    hold: HeldTime | None = None
    moving: str | None = None

    def missing(self, before: str) -> str | None:
        """The page of the first step not answered among those that come before this one; None when all are."""
        for step in ORDER[: ORDER.index(before)]:
            if getattr(self, step) is None:
                return "/mi" if self.moving else STEPS[step]
        return None


def booking_flow_of(browser: BrowserSession) -> BookingFlow:
    """The journey in a visit's answers."""
    answers = browser.answers
    hold = answers.get("hold")
    return BookingFlow(
        person=_uuid(answers.get("person")),
        service=answers.get("service"),
        unit=_uuid(answers.get("unit")),
        day=iso_date(answers["day"]) if "day" in answers else None,
        hold=_held_time(hold) if hold else None,
        moving=answers.get("moving"),
    )


def shown(flow: BookingFlow, before: str | None = None, version: int | None = None) -> list[object]:
    """What a page of the journey shows: the answers given before its step (all, at the end), and the appointment that
    moves with its version."""
    answered = ORDER[: ORDER.index(before)] if before else ORDER
    return [*(getattr(flow, step) for step in answered), flow.moving, version]


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _held_time(hold: dict[str, Any]) -> HeldTime:
    return HeldTime(
        UUID(hold["id"]),
        hold["room"],
        iso_instant(hold["start_at"]),
        iso_instant(hold["until"]),
    )


def store_answer(browser: BrowserSession, step: str, value: str) -> None:
    """Store the answer to a step; a different one clears the later answers."""
    if browser.answers.get(step) != value:
        later: dict[str, Any] = dict.fromkeys(ORDER[ORDER.index(step) + 1 :])
        browser.remember(**later)
    browser.remember(**{step: value})
    if step == "service":
        browser.remember(**{SERVICE_ANSWER: value})


def clear(browser: BrowserSession) -> None:
    """Start over."""
    browser.remember(**dict.fromkeys([*ORDER, "moving", SERVICE_ANSWER]))


def store_hold(browser: BrowserSession, held: HeldTime | None) -> None:
    """Store the hold, or clear it."""
    if held is None:
        browser.remember(hold=None)
        return
    browser.remember(
        hold={
            "id": str(held.id),
            "room": held.room,
            "start_at": held.start_at.isoformat(),
            "until": held.until.isoformat(),
        }
    )
