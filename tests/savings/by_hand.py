"""The measurement done the slow way: one event after another, one errand after another, one draw after another.

Written from `docs/savings.md`, with nothing of the roll-up's: what both say must be the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.savings.rules.draws import Drawn
from app.savings.rules.figures import Baseline, Place
from tests.savings.make import Happening

CENTRE = ZoneInfo("America/Mexico_City")
ENDS = {
    "appointment.booked": "completed",
    "appointment.moved": "completed",
    "appointment.cancelled": "completed",
    "request.withdrawn": "abandoned",
    "request.discarded": "abandoned",
    "request.appealed": "open",
    "request.approval-undone": "open",
}
CHANGES = {"appointment.moved": "appointment-move", "appointment.cancelled": "appointment-cancel"}


@dataclass
class Errand:
    """What is known of one, in the order events were recorded."""

    person: UUID
    counts_as: str
    service: str
    id: UUID
    channel: str = ""
    seconds: int = 0
    visits: int = 0
    outcome: str = "open"
    started_at: datetime | None = None
    ended_at: datetime | None = None
    hold: UUID | None = None
    metres: int | None = None
    unit: UUID | None = None
    zone: ZoneInfo = CENTRE
    absorbed: bool = False
    counted: bool = False
    observed_seconds: int = 0
    """Its own and those of the hold it absorbs."""

    @property
    def is_online(self) -> bool:
        return self.channel in {"web", "api"}

    @property
    def day(self) -> date:
        moment = self.ended_at if self.outcome != "open" else self.started_at
        assert moment is not None
        return moment.astimezone(self.zone).date()


@dataclass
class World:
    """What happened, and the days within which the same counts once."""

    happenings: list[Happening]
    windows: Mapping[str, int]
    zones: Mapping[UUID, ZoneInfo] = field(default_factory=dict)
    """Of each unit; the rest are in the centre."""
    errands: list[Errand] = field(default_factory=list)

    def look(self) -> "World":
        """Tell the errands from the events, and which of them count."""
        found: dict[tuple[UUID, str, UUID], Errand] = {}
        visits: list[tuple[UUID, str, datetime]] = []
        for one in sorted(self.happenings, key=lambda h: h.id):
            assert one.person is not None
            service = one.service or "unknown"
            if one.type.startswith("ticket."):
                if one.type == "ticket.arrived":
                    visits.append((one.person, service, datetime.fromisoformat(one.payload["happened_at"])))
                continue
            key = (one.person, service, one.id if one.type in CHANGES else one.subject)
            errand = found.get(key) or Errand(one.person, CHANGES.get(one.type, service), service, key[2])
            found[key] = errand
            _add(errand, one)
        self.errands = list(found.values())
        held = {(e.person, e.service, e.hold) for e in self.errands if e.hold}
        for errand in self.errands:
            errand.absorbed = (errand.person, errand.service, errand.id) in held
            errand.zone = self.zones.get(errand.unit, CENTRE) if errand.unit else CENTRE
        for errand in self.errands:
            hold = found.get((errand.person, errand.service, errand.hold)) if errand.hold else None
            errand.observed_seconds = 0 if errand.absorbed else errand.seconds + (hold.seconds if hold else 0)
        self._count(visits)
        return self

    def _count(self, visits: list[tuple[UUID, str, datetime]]) -> None:
        done: dict[tuple[UUID, str, str], list[Errand]] = defaultdict(list)
        for errand in self.errands:
            if errand.outcome == "completed":
                done[errand.person, errand.service, errand.counts_as].append(errand)
        for (person, service, counts_as), errands in done.items():
            window = timedelta(days=self.windows.get(counts_as, self.windows["*"]))
            before: datetime | None = None
            for errand in sorted(errands, key=lambda e: (e.ended_at, e.id)):
                ended = errand.ended_at
                assert ended is not None
                repeats = before is not None and before > ended - window
                came = any(
                    who == person and what == service and ended < when <= ended + window for who, what, when in visits
                )
                errand.counted = errand.is_online and not errand.absorbed and not repeats and not came
                before = ended

    def online_seconds(self) -> dict[str, list[int]]:
        """Active seconds of each transaction begun online whose time was seen, by service."""
        seen: dict[str, list[int]] = defaultdict(list)
        for errand in self.errands:
            if errand.is_online and errand.observed_seconds > 0:
                seen[errand.counts_as].append(errand.observed_seconds)
        return seen

    def people(self, grain: str) -> dict[tuple[date, str], int]:
        """How many had an errand of a service in each day, week (by its Monday) or month."""
        seen = {(first_day(grain, e.day), e.counts_as, e.person) for e in self.errands if not e.absorbed}
        return Counter((period, service) for period, service, _person in seen)


def first_day(grain: str, day: date) -> date:
    """Of the day, week or month that a day lies in."""
    if grain == "D":
        return day
    return day.replace(day=1) if grain == "M" else day - timedelta(days=day.weekday())


def _add(errand: Errand, one: Happening) -> None:
    errand.channel = errand.channel or one.channel
    errand.started_at = min(errand.started_at or one.at, one.at)
    if one.actor == "citizen":
        errand.seconds += round(one.seconds or 0)
    errand.unit = one.unit or errand.unit
    errand.visits += one.type == "request.visit-attended"
    if one.type in {"appointment.booked", "appointment.moved"} and one.payload.get("hold_id"):
        errand.hold = UUID(one.payload["hold_id"])
    outcome = ENDS.get(one.type)
    if one.type == "request.decided":
        outcome = "completed" if one.payload["outcome"] == "approved" else "refused"
    if outcome is not None:
        errand.outcome, errand.ended_at = outcome, one.at


def minutes_saved(errands: Iterable[Errand], baseline: Baseline, drawn: Drawn, number: int) -> float:
    """Minutes saved by these errands in one draw: each errand by itself, then added."""
    return sum(_of_errand(errand, baseline, drawn, number) for errand in errands)


def _of_errand(errand: Errand, baseline: Baseline, drawn: Drawn, number: int) -> float:
    def f(key: str) -> float:
        return float(drawn[baseline.find(key, errand.counts_as, Place("")).id][number])

    if not errand.is_online:
        return 0.0
    visit = f("travel_minutes") + f("wait_minutes") + f("service_minutes")
    online = errand.seconds / 60 + errand.visits * visit
    if errand.seconds == 0 and not errand.absorbed:
        online += f("online_minutes")
    if not errand.counted:
        return -online
    return f("displaced") * (f("visits") * visit + f("preparation_minutes")) - online
