"""The desk by its pure rules alone: who is called next (`turns`), and which step a ticket takes (`tickets`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.clinic.flow import Act, Action, Actions
from app.demo.clinic.visits import Visit
from app.desk.rules.tickets import TicketAction, TicketStatus, step
from app.desk.rules.turns import Arrival, Turn, TurnPolicy, call_order, turn_of

STEPS = {
    Act.CALL_NEXT: TicketAction.CALL,
    Act.CALL_AGAIN: TicketAction.CALL,
    Act.SERVE: TicketAction.SERVE,
    Act.FINISH: TicketAction.FINISH,
    Act.PARK: TicketAction.PARK,
    Act.RETURN: TicketAction.RETURN,
    Act.TRANSFER: TicketAction.TRANSFER,
    Act.NO_ANSWER: TicketAction.LEAVE,
    Act.GIVE_UP: TicketAction.LEAVE,
    Act.REDIRECT: TicketAction.LEAVE,
    Act.RECORD: TicketAction.RECORD,
}


@dataclass(slots=True)
class RuleTicket:
    """A ticket: whose it is, its place, and where it is in its life."""

    visit: Visit
    turn: Turn
    status: TicketStatus = TicketStatus.WAITING


class RuleDesk:
    """Carries out the actions of a day that began at `midnight`."""

    def __init__(self, midnight: datetime, policy: TurnPolicy | None = None) -> None:
        self._midnight, self._policy = midnight, policy or TurnPolicy()
        self._services: dict[int, tuple[str, ...]] = {}
        self.tickets: dict[int, RuleTicket] = {}
        self._waiting: dict[int, RuleTicket] = {}

    def instant(self, minute: float) -> datetime:
        """The instant of a minute of the day, in whole milliseconds: the clock of ids."""
        return self._midnight + timedelta(milliseconds=round(minute * 60_000))

    def carry_out(self, action: Action) -> Visit | None:
        """Carry out an action; returns whom it took effect on."""
        if action.act is Act.ARRIVE:
            return self._arrive(action)
        if action.act is Act.CALL_NEXT:
            return self._call_next(action)
        if action.visit is None:
            if action.act is Act.OPEN:
                self._services[action.counter or 0] = action.services
            return None
        return self._step(action, action.visit)

    def _arrive(self, action: Action) -> Visit:
        visit = action.visit
        assert visit is not None
        due_at = None if visit.due is None else self.instant(visit.due)
        turn = turn_of(Arrival(self.instant(action.at), due_at, visit.is_protected), self._policy)
        self.tickets[visit.number] = self._waiting[visit.number] = RuleTicket(visit, turn)
        return visit

    def _call_next(self, action: Action) -> Visit | None:
        services, now = self._services[action.counter or 0], self.instant(action.at)
        callable_here = (
            (call_order(ticket.turn, number, now), ticket)
            for number, ticket in self._waiting.items()
            if ticket.visit.service in services and ticket.visit.room in (None, action.counter)
        )
        first = min(callable_here, key=lambda found: found[0], default=None)
        return self._step(action, first[1].visit) if first is not None else None

    def _step(self, action: Action, visit: Visit) -> Visit:
        ticket = self.tickets[visit.number]
        ticket.visit, ticket.status = visit, step(ticket.status, STEPS[action.act])
        if ticket.status is TicketStatus.WAITING:
            self._waiting[visit.number] = ticket
        else:
            self._waiting.pop(visit.number, None)
        return visit


def carry_out_day(flow: Actions, desk: RuleDesk) -> None:
    """Carry out a day to its end."""
    answer: Visit | None = None
    try:
        while True:
            answer = desk.carry_out(flow.send(answer))
    except StopIteration:
        return
