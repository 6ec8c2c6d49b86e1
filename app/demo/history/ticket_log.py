"""Records what happens to the tickets of the history: the events of the use cases, and the rows of recent days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo.clinic.flow import Act, Action
from app.demo.clinic.rule_desk import RuleDesk
from app.demo.clinic.visits import Visit
from app.demo.history.desk import Coming, DueAt
from app.demo.history.log import after
from app.demo.history.simulator import Simulator, ids_of
from app.desk.events import (
    AppointmentAttended,
    AppointmentUnserved,
    TicketArrived,
    TicketCalled,
    TicketEvent,
    TicketLeft,
    TicketParked,
    TicketReturned,
    TicketServed,
    TicketTransferred,
)
from app.desk.rules.tickets import LeftBecause, end_of_day
from app.desk.rules.turns import Turn
from app.kernel.actor import System

DAY_END = System("desk")
DAY_ENDS = 24 * 60.0
DAY_END_JOB = DAY_ENDS + 25
"""When the hourly job ends what the day before left open."""
RECORDED_LATE = 0.03
"""Tickets of a desk that was offline for a while."""
CALLS = (Act.CALL_NEXT, Act.CALL_AGAIN)
KINDS: dict[Act, type[TicketEvent]] = {
    Act.SERVE: TicketServed,
    Act.PARK: TicketParked,
    Act.RETURN: TicketReturned,
}
OUTCOMES = {
    Act.FINISH: "done",
    Act.RECORD: "unended",
    Act.NO_ANSWER: LeftBecause.NO_ANSWER.value,
    Act.GIVE_UP: LeftBecause.GAVE_UP.value,
    Act.REDIRECT: LeftBecause.REDIRECTED.value,
}
ATTENDED = ("done", "unended")


@dataclass(slots=True)
class RecordedTicket:
    """A ticket of the history. `service`: of the queue it is in by now. `late`: minutes after which the desk sent its
    events."""

    id: UUID
    coming: Coming
    service: str
    late: float
    arrived_at: datetime
    turn: Turn
    is_protected: bool
    room: int | None
    calls: int = 0
    called_at: datetime | None = None
    served_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None


class TicketLog:
    """Records the tickets of these visits, by their number."""

    def __init__(self, simulator: Simulator, desk: RuleDesk, recorded: Mapping[int, Coming]) -> None:
        self._simulator, self._desk, self._recorded = simulator, desk, recorded
        self._tickets: dict[int, RecordedTicket] = {}
        self._left = set(recorded)

    @property
    def is_open(self) -> bool:
        """Whether someone hasn't ended yet."""
        return bool(self._left)

    def record(self, action: Action, visit: Visit) -> None:
        """Record an action that took effect on a visit, if it is one of these."""
        coming = self._recorded.get(visit.number)
        if coming is None:
            return
        at = self._desk.instant(action.at)
        if action.act is Act.ARRIVE:
            self._arrive(visit, coming, at)
            return
        ticket = self._tickets[visit.number]
        if action.act in CALLS:
            ticket.calls, ticket.called_at = ticket.calls + 1, at
            self._append(ticket, at, TicketCalled, window=action.counter)
        elif action.act in OUTCOMES:
            self._left.discard(visit.number)
            self._end(ticket, at, OUTCOMES[action.act])
        elif action.act is Act.TRANSFER:
            before, ticket.service = ticket.service, visit.service
            ticket.calls, ticket.room = 0, None
            self._append(ticket, at, TicketTransferred, from_service=before)
        else:
            if action.act is Act.SERVE:
                ticket.served_at = at
            self._append(ticket, at, KINDS[action.act])

    def end_day(self) -> None:
        """Record what the end of the day makes of the tickets that are open, and of appointments that weren't
        attended."""
        for number in sorted(self._left):
            ticket = self._tickets[number]
            _status, because = end_of_day(self._desk.tickets[number].status)
            ticket.ended_at, ticket.outcome = self._day_ended_at, "unended" if because is None else because.value
            how: dict[str, Any] = {"happened_at": self._day_ended_at, "outcome": ticket.outcome}
            left = TicketLeft(**self._common(ticket), **how)
            self._simulator.log.append(self._job_at, DAY_END, left)
        for ticket in self._tickets.values():
            if ticket.coming.appointment is not None and ticket.outcome not in ATTENDED:
                unserved = AppointmentUnserved(**attendance_of(ticket.coming, ticket.coming.appointment), closed=False)
                self._simulator.log.append(self._job_at, DAY_END, unserved)

    @property
    def _day_ended_at(self) -> datetime:
        return self._desk.instant(DAY_ENDS) - timedelta(seconds=1)

    @property
    def _job_at(self) -> datetime:
        return self._simulator.log.in_time(self._desk.instant(DAY_END_JOB))

    def _arrive(self, visit: Visit, coming: Coming, at: datetime) -> None:
        rng = self._simulator.rng
        ticket = RecordedTicket(
            self._simulator.log.id_at(at),
            coming,
            visit.service,
            rng.uniform(20, 180) if rng.random() < RECORDED_LATE else 0.0,
            at,
            self._desk.tickets[visit.number].turn,
            visit.is_protected,
            visit.room,
        )
        self._tickets[visit.number] = ticket
        self._simulator.tickets.append(ticket)
        appointment = coming.appointment
        self._append(
            ticket,
            at,
            TicketArrived,
            appointment_id=None if appointment is None else appointment.id,
            walk_in=appointment is None,
        )

    def _end(self, ticket: RecordedTicket, at: datetime, outcome: str) -> None:
        ticket.ended_at, ticket.outcome = at, outcome
        self._append(ticket, at, TicketLeft, outcome=outcome)
        if outcome in ATTENDED and ticket.coming.appointment is not None:
            attended = AppointmentAttended(**attendance_of(ticket.coming, ticket.coming.appointment))
            recorded_at = after(at, minutes=ticket.late, seconds=0.002)
            self._simulator.log.append(recorded_at, self._simulator.receptionist(), attended)

    def _append(self, ticket: RecordedTicket, at: datetime, kind: type[TicketEvent], **more: Any) -> None:
        event = kind(**self._common(ticket), happened_at=at, **more)
        self._simulator.log.append(after(at, minutes=ticket.late), self._simulator.receptionist(), event)

    def _common(self, ticket: RecordedTicket) -> dict[str, Any]:
        return {"subject_id": ticket.id, **ids_of(ticket.coming.person, ticket.service)}


def attendance_of(coming: Coming, appointment: DueAt) -> dict[str, Any]:
    """What the events say of an appointment whose person came or didn't."""
    return {
        "subject_id": appointment.id,
        **ids_of(coming.person, coming.service),
        "folio": appointment.folio,
        "start_at": appointment.start_at,
    }
