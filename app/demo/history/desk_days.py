"""The desks of the history, day by day: arrivals meet counters, and what happens follows from the rules of the desk.

The people of the history are a sample of those whom a clinic attends: they wait among all the others, who are
simulated beside them and not recorded. Who is called next, and what becomes of a ticket, is decided by the pure rules
that the use cases apply (`desk.rules.turns`, `desk.rules.tickets`), and the events are those that they record.

The use cases themselves aren't called: through them a ticket takes about 25 ms, and the 140,000 of a year, those beside
included, an hour; this way it takes five seconds.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time

from app.demo.clinic.flow import Action, Flow
from app.demo.clinic.rule_desk import RuleDesk
from app.demo.history.days import demand_factor
from app.demo.history.desk import Coming
from app.demo.history.population import Clinic
from app.demo.history.simulator import Simulator
from app.demo.history.ticket_log import TicketLog
from app.demo.history.wings import (
    AFTERNOON,
    LAST_ARRIVAL,
    MORNING,
    WINGS,
    Expected,
    others,
    shifts,
    visit_of,
    wing_of,
)
from app.desk.rules.turns import is_protected_age
from app.kernel.clock import local_day

_Key = tuple[datetime, int, str, float]


def simulate_desks(simulator: Simulator) -> None:
    """Simulate each half day of a wing where people of the history come."""
    places = {clinic: place for place, clinic in enumerate(simulator.population.clinics)}
    halves: dict[_Key, list[Coming]] = defaultdict(list)
    for one in simulator.coming:
        if one.on >= simulator.log.until:
            continue
        clinic = one.person.clinic
        midnight = datetime.combine(local_day(one.on, clinic.zone.key), time(0), clinic.zone)
        begins = AFTERNOON if _minute(midnight, one.on) >= AFTERNOON - _margin(one) else MORNING
        halves[midnight, places[clinic], wing_of(one.service), begins].append(one)
    clinics = simulator.population.clinics
    for key in sorted(halves):
        midnight, place, wing, begins = key
        _simulate_half_day(simulator, clinics[place], midnight, wing, begins, halves[key])


def _margin(one: Coming) -> float:
    return 0.0 if one.appointment is not None else LAST_ARRIVAL


def _minute(midnight: datetime, at: datetime) -> float:
    """The minute of the day by the clinic's clock; days on which the clocks change are Sundays."""
    return (at - midnight).total_seconds() / 60


def _simulate_half_day(
    simulator: Simulator, clinic: Clinic, midnight: datetime, name: str, begins: float, people: Sequence[Coming]
) -> None:
    rng, wing, day = simulator.rng, WINGS[name], local_day(midnight, clinic.zone.key)
    busy = demand_factor(simulator.span, day) * clinic.slow
    known = [(_expected(midnight, one), one) for one in people]
    taken = {(one.room, one.due) for one, _coming in known if one.room is not None and one.due is not None}
    beside = [(one, None) for one in others(rng, wing, begins, busy, taken)]
    visits, recorded = [], {}
    for number, (one, coming) in enumerate(sorted([*known, *beside], key=lambda both: both[0].arrives)):
        is_older = coming is not None and is_protected_age(coming.person.birth_on, day)
        visits.append(visit_of(rng, wing, number, one, is_older=is_older))
        if coming is not None:
            recorded[number] = coming
    desk = RuleDesk(midnight)
    log = TicketLog(simulator, desk, recorded)
    _carry_out(Flow(visits, shifts(wing, begins)), desk, log)
    log.end_day()


def _expected(midnight: datetime, one: Coming) -> Expected:
    arrives, due = _minute(midnight, one.at), one.appointment
    if due is None:
        return Expected(arrives, one.service)
    return Expected(arrives, one.service, _minute(midnight, due.start_at), due.room)


def _carry_out(flow: Flow, desk: RuleDesk, log: TicketLog) -> None:
    """Carry out a half day, until all who are recorded have ended."""
    actions = flow.actions()
    action: Action | None = next(actions, None)
    while action is not None and log.is_open:
        answer = desk.carry_out(action)
        if answer is not None:
            log.record(action, answer)
        try:
            action = actions.send(answer)
        except StopIteration:
            return
