"""The measurement done the slow way: one event after another, one transaction after another, one draw after another.

Written from `docs/savings.md`, with nothing of the roll-up's: what both say must be the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.savings.rules.parameters import Baseline, Place
from app.savings.rules.uncertainty import Drawn
from tests.savings.factories import Happening

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
STAFF = {"desk", "phone"}
NOT_OF_THE_PERSON = {"request.decided", "request.visit-attended"}
CHANGES = {"appointment.moved": "appointment-move", "appointment.cancelled": "appointment-cancel"}


@dataclass
class ServiceTransaction:
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
class Visit:
    """A ticket as a clerk would tell it: when its person came, was attended, went, and for what."""

    service: str = "unknown"
    is_walk_in: bool = False
    came: datetime | None = None
    called: datetime | None = None
    attended: datetime | None = None
    left: datetime | None = None
    why: str | None = None
    served: timedelta = timedelta()
    serving_since: datetime | None = None
    has_come_for: bool = False

    def add(self, one: Happening) -> None:
        """What happened next."""
        at, kind = datetime.fromisoformat(one.payload["happened_at"]), one.type.removeprefix("ticket.")
        if kind == "arrived":
            self.came = self.came or at
            self.is_walk_in = one.payload["walk_in"]
            self.service, self.has_come_for = one.service or "unknown", True
        elif not self.has_come_for and self.service == "unknown":
            self.service = one.payload.get("from_service") or one.service or "unknown"
        if kind == "called":
            self.called = self.called or at
        elif kind == "served":
            self.attended = self.attended or at
            self.serving_since = self.serving_since or at
        elif kind in {"transferred", "left"}:
            if self.serving_since is not None:
                self.served += at - self.serving_since
            self.serving_since = None
        if kind == "left":
            self.left, self.why = at, one.payload["outcome"]
        elif kind == "returned":
            self.left = self.why = None

    def sums(self) -> Counter[str]:
        """What it adds to the sums of its place."""
        assert self.came is not None
        made = Counter(tickets=1, walk_ins=int(self.is_walk_in))
        made["gave_up"], made["unserved"] = int(self.why == "gave-up"), int(self.why == "closed")
        began = self.attended or (self.called if self.why in {None, "done"} else None)
        if began and began >= self.came:
            _add_seconds(made, "waited", "wait_seconds", began - self.came)
        is_known = self.why != "unended"
        if self.left and self.attended and self.serving_since is None and is_known:
            _add_seconds(made, "attended", "service_seconds", self.served)
        if self.left and self.left >= self.came and is_known and self.why != "closed":
            _add_seconds(made, "stayed", "stay_seconds", self.left - self.came)
        made["clock_wrong"] = int(
            bool(began and began < self.came)
            or bool(self.left and self.left < self.came)
            or bool(self.left and self.serving_since and is_known)
        )
        return made


def _add_seconds(made: Counter[str], count: str, name: str, time: timedelta) -> None:
    seconds = round(time.total_seconds())
    made[count], made[name], made[f"{name}_sq"] = 1, seconds, seconds * seconds


@dataclass
class World:
    """What happened, and the days within which the same counts once."""

    happenings: list[Happening]
    windows: Mapping[str, int]
    zones: Mapping[UUID, ZoneInfo] = field(default_factory=dict)
    """Of each unit; the rest are in the centre."""
    transactions: list[ServiceTransaction] = field(default_factory=list)

    def look(self) -> "World":
        """Tell the transactions from the events, and which of them count."""
        found: dict[tuple[UUID, str, UUID], ServiceTransaction] = {}
        visits: list[tuple[UUID, str, datetime]] = []
        for one in sorted(self.happenings, key=lambda h: h.id):
            assert one.person is not None
            service = one.service or "unknown"
            if one.type.startswith("ticket."):
                if one.type == "ticket.arrived":
                    visits.append((one.person, service, datetime.fromisoformat(one.payload["happened_at"])))
                continue
            key = (one.person, service, one.id if one.type in CHANGES else one.subject)
            transaction = found.get(key) or ServiceTransaction(
                one.person, CHANGES.get(one.type, service), service, key[2]
            )
            found[key] = transaction
            _add(transaction, one)
        self.transactions = list(found.values())
        held = {(e.person, e.service, e.hold) for e in self.transactions if e.hold}
        for transaction in self.transactions:
            transaction.absorbed = (transaction.person, transaction.service, transaction.id) in held
            transaction.zone = self.zones.get(transaction.unit, CENTRE) if transaction.unit else CENTRE
        for transaction in self.transactions:
            hold = found.get((transaction.person, transaction.service, transaction.hold)) if transaction.hold else None
            transaction.observed_seconds = (
                0 if transaction.absorbed else transaction.seconds + (hold.seconds if hold else 0)
            )
        self._count(visits)
        return self

    def _count(self, visits: list[tuple[UUID, str, datetime]]) -> None:
        done: dict[tuple[UUID, str, str], list[ServiceTransaction]] = defaultdict(list)
        for transaction in self.transactions:
            if transaction.outcome == "completed":
                done[transaction.person, transaction.service, transaction.counts_as].append(transaction)
        for (person, service, counts_as), transactions in done.items():
            window = timedelta(days=self.windows.get(counts_as, self.windows["*"]))
            before: datetime | None = None
            for transaction in sorted(transactions, key=lambda e: (e.ended_at, e.id)):
                ended = transaction.ended_at
                assert ended is not None
                repeats = before is not None and before > ended - window
                came = any(
                    who == person and what == service and ended < when <= ended + window for who, what, when in visits
                )
                transaction.counted = transaction.is_online and not transaction.absorbed and not repeats and not came
                before = ended

    def online_seconds(self) -> dict[str, list[int]]:
        """Active seconds of each transaction begun online whose time was seen, by service."""
        seen: dict[str, list[int]] = defaultdict(list)
        for transaction in self.transactions:
            if transaction.is_online and transaction.observed_seconds > 0:
                seen[transaction.counts_as].append(transaction.observed_seconds)
        return seen

    def desk_sums(self) -> dict[tuple[UUID, str], dict[str, int]]:
        """Sums of tickets by unit and the service they came for."""
        visits: dict[tuple[UUID, UUID], Visit] = defaultdict(Visit)
        of_desks = [one for one in self.happenings if one.type.startswith("ticket.")]
        for one in sorted(of_desks, key=lambda h: (datetime.fromisoformat(h.payload["happened_at"]), h.id)):
            assert one.unit is not None
            visits[one.unit, one.subject].add(one)
        found: dict[tuple[UUID, str], Counter[str]] = defaultdict(Counter)
        for (where, _ticket), visit in visits.items():
            if visit.came is not None:
                found[where, visit.service].update(visit.sums())
        return {key: {name: n for name, n in sums.items() if n} for key, sums in found.items()}

    def people(self, period_type: str) -> dict[tuple[date, str], int]:
        """How many had a transaction of a service in each day, week (by its Monday) or month."""
        seen = {(first_day(period_type, e.day), e.counts_as, e.person) for e in self.transactions if not e.absorbed}
        return Counter((period, service) for period, service, _person in seen)


def first_day(period_type: str, day: date) -> date:
    """Of the day, week or month that a day lies in."""
    if period_type == "D":
        return day
    return day.replace(day=1) if period_type == "M" else day - timedelta(days=day.weekday())


def _add(transaction: ServiceTransaction, one: Happening) -> None:
    transaction.channel = channel_of(transaction.channel, one)
    transaction.started_at = min(transaction.started_at or one.at, one.at)
    if one.actor == "citizen":
        transaction.seconds += round(one.seconds or 0)
    transaction.unit = one.unit or transaction.unit
    transaction.visits += one.type == "request.visit-attended"
    if one.type in {"appointment.booked", "appointment.moved"} and one.payload.get("hold_id"):
        transaction.hold = UUID(one.payload["hold_id"])
    outcome = ENDS.get(one.type)
    if one.type == "request.decided":
        outcome = "completed" if one.payload["outcome"] == "approved" else "refused"
    if outcome is not None:
        transaction.outcome, transaction.ended_at = outcome, one.at


def channel_of(before: str, one: Happening) -> str:
    """That of the first step, until staff do one: then the counter, or else the telephone."""
    if one.channel in STAFF and one.type not in NOT_OF_THE_PERSON:
        return min(before, one.channel) if before in STAFF else one.channel
    return before or one.channel


def minutes_saved(transactions: Iterable[ServiceTransaction], baseline: Baseline, drawn: Drawn, number: int) -> float:
    """Minutes saved by these transactions in one draw: each transaction by itself, then added."""
    return sum(_of_transaction(transaction, baseline, drawn, number) for transaction in transactions)


def _of_transaction(transaction: ServiceTransaction, baseline: Baseline, drawn: Drawn, number: int) -> float:
    def f(key: str) -> float:
        return float(drawn[baseline.find(key, transaction.counts_as, Place("")).id][number])

    if not transaction.is_online:
        return 0.0
    visit = f("travel_minutes") + f("wait_minutes") + f("service_minutes")
    online = transaction.seconds / 60 + transaction.visits * visit
    if transaction.seconds == 0 and not transaction.absorbed:
        online += f("online_minutes")
    if not transaction.counted:
        return -online
    return f("would_have_visited") * (f("visits") * visit + f("preparation_minutes")) - online
