"""Who may have which appointment, when. Pure: the same facts give the same answer, with its reason.

Starting values are the agency's published practice: one open appointment a person, up to 30 days ahead, own unit and
room first, cancelling until two hours before, one consultation a day.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from app.appointments import problems
from app.appointments.rebooking import CHANGEABLE_FOR
from app.kernel.i18n import N_
from app.kernel.problems import FieldError, Problem

SPECIALIST_PREFIX = "specialist-"
YEAR = timedelta(days=365)
WEEK = 7
# What people remember of how they would have done it fades: the question is about this booking, move or cancellation.
FEEDBACK_FOR = timedelta(days=30)


class Status(StrEnum):
    """The status of an appointment."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    MISSED = "missed"
    UNSERVED = "unserved"
    """The person came, or the unit had closed the time, and they weren't attended: never a no-show."""


COUNTED = (Status.BOOKED, Status.ATTENDED)
"""Those that count against what a person may have: on a day, in a year."""


class SeatState(StrEnum):
    """The state of a seat."""

    FREE = "free"
    HELD = "held"
    BOOKED = "booked"
    CLOSED = "closed"


OFFERED = (SeatState.FREE, SeatState.HELD)
"""Those of a seat that may be had: at once, or once its hold expires."""


class Action(StrEnum):
    """An action on an appointment."""

    MOVE = "move"
    CANCEL = "cancel"
    ARRIVE = "arrive"
    ATTEND = "attend"
    MISS = "miss"
    UNSERVE = "unserve"


# (status, action) -> (next status, who). Pages show buttons and the docs draw the diagram from this table.
TRANSITIONS: dict[tuple[Status, Action], tuple[Status, frozenset[str]]] = {
    (Status.BOOKED, Action.MOVE): (Status.BOOKED, frozenset({"citizen", "staff"})),
    (Status.BOOKED, Action.CANCEL): (Status.CANCELLED, frozenset({"citizen", "staff", "system"})),
    (Status.BOOKED, Action.ARRIVE): (Status.BOOKED, frozenset({"staff", "device"})),
    (Status.BOOKED, Action.ATTEND): (Status.ATTENDED, frozenset({"staff", "system"})),
    (Status.BOOKED, Action.MISS): (Status.MISSED, frozenset({"staff", "system"})),
    (Status.BOOKED, Action.UNSERVE): (Status.UNSERVED, frozenset({"system"})),
    # Staff correct what was recorded: the person came after all, late or unseen; or another was taken for them.
    (Status.MISSED, Action.ARRIVE): (Status.BOOKED, frozenset({"staff", "device"})),
    (Status.MISSED, Action.ATTEND): (Status.ATTENDED, frozenset({"staff"})),
    (Status.UNSERVED, Action.ATTEND): (Status.ATTENDED, frozenset({"staff"})),
    (Status.ATTENDED, Action.ARRIVE): (Status.BOOKED, frozenset({"staff", "device"})),
    (Status.ATTENDED, Action.MISS): (Status.MISSED, frozenset({"staff"})),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What a service asks of an appointment. Durations in minutes or days as named."""

    own_unit: bool
    needs_rights: bool
    needs_referral: bool
    min_ahead_minutes: int
    cancel_until_minutes: int
    per_day: int
    once_a_year: bool = False


MEDICAL = Policy(
    own_unit=True,
    needs_rights=True,
    needs_referral=False,
    min_ahead_minutes=30,
    cancel_until_minutes=120,
    per_day=1,
)
POLICIES: dict[str, Policy] = {
    "family-medicine": MEDICAL,
    "dental": MEDICAL,
    "preventive": Policy(True, True, False, 30, 120, 1, once_a_year=True),
    "window": Policy(False, False, False, 30, 120, 1),
}
SPECIALIST = Policy(False, True, True, 30, 120, 1)


def has_own_doctor(service: str) -> bool:
    """Whether a person is attended by the doctor of the room and shift they are assigned to: in family medicine alone.
    A dentist, a nurse or a clerk attends anyone."""
    return service == "family-medicine"


def last_open_day(today: date, clock: time, *, days: int, opens_at: time) -> date:
    """The last day that can be booked when it is this day and time at the unit: `days` ahead, once the hour has come at
    which the newest day opens."""
    return today + timedelta(days=days if clock >= opens_at else days - 1)


def opening_of(day: date, *, days: int, opens_at: time) -> datetime:
    """When a day can be booked first, by the unit's clock; without a zone."""
    return datetime.combine(day - timedelta(days=days), opens_at)


def policy_of(service: str) -> Policy:
    """The policy of a service.

    Raises:
        ServiceUnknown: there is no such service.
    """
    if service in POLICIES:
        return POLICIES[service]
    slug = service.removeprefix(SPECIALIST_PREFIX)
    if slug != service and slug.replace("-", "").isalpha() and slug.isascii() and slug.islower():
        return SPECIALIST
    raise problems.ServiceUnknown


LATER = N_("La última fecha debe ser igual o posterior a la primera.")
IS_PAST = N_("Esa fecha ya pasó.")
WITHIN_A_YEAR = N_("La última fecha debe caer dentro de un año a partir de hoy.")
NEAR_TODAY = N_("Escriba un día desde hace un año hasta dentro de dos.")


def referral_errors(starts_on: date, ends_on: date, today: date) -> list[FieldError]:
    """Return what is wrong with the days of a referral; `today` is the day at the unit that attends. A year is our own
    limit: it is longer than any wait for a specialist, and a mistyped year is longer still."""
    if ends_on < starts_on:
        return [FieldError("ends_on", LATER, "later")]
    if ends_on < today:
        return [FieldError("ends_on", IS_PAST, "is_past")]
    if ends_on > today + YEAR:
        return [FieldError("ends_on", WITHIN_A_YEAR, "within_a_year")]
    return []


def day_off_errors(on_date: date, today: date) -> list[FieldError]:
    """Return what is wrong with a day off. One of the last year still counts in legal terms; further away it is a
    mistyped year."""
    return [] if _is_near(on_date, today) else [FieldError("on_date", NEAR_TODAY, "near_today")]


def closure_errors(first: date, last: date, today: date) -> list[FieldError]:
    """Return what is wrong with the days of a closure, for the same reason."""
    days = (("starts_at", first), ("ends_at", last))
    return [FieldError(name, NEAR_TODAY, "near_today") for name, day in days if not _is_near(day, today)]


def _is_near(day: date, today: date) -> bool:
    return today - YEAR <= day <= today + 2 * YEAR


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision needs, on the day the appointment is for. `on_date`, `today` and `last_day`, the last that
    may be booked, are days at the unit.

    What the person has already (`has_active`, `same_day`, `last_on`, `has_clash`) leaves out the appointment that is
    being moved, so moving and booking are judged by the same rules.
    """

    now: datetime
    start_at: datetime
    on_date: date
    today: date
    unit_id: UUID
    assigned_unit_id: UUID | None
    has_rights: bool
    has_referral: bool
    has_active: bool
    same_day: int
    last_on: date | None
    has_clash: bool
    horizon_days: int
    last_day: date
    is_operating: bool = True
    is_here: bool = False
    """The person waits at the unit already: until the time begins is ahead enough."""


def person_refusals(policy: Policy, facts: Situation) -> Iterator[Problem]:
    """Why this person can't have this service at all, most basic reason first. Asked before times are shown."""
    if not facts.is_operating:
        yield problems.UnitNotOperating(extra={"rule": "unit-operating"})
    if policy.own_unit and facts.assigned_unit_id is None:
        yield problems.NoUnitYet(extra={"rule": "assigned-unit"})
    if policy.needs_rights and not facts.has_rights:
        yield problems.NotInForce(extra={"rule": "rights-in-force"})
    if policy.own_unit and facts.assigned_unit_id not in (None, facts.unit_id):
        yield problems.NotYourUnit(extra={"rule": "assigned-unit"})
    if policy.needs_referral and not facts.has_referral:
        yield problems.ReferralRequired(extra={"rule": "referral"})
    if facts.has_active:
        yield problems.AlreadyBooked(extra={"rule": "one-active"})
    if policy.once_a_year and facts.last_on and abs(facts.on_date - facts.last_on) < YEAR:
        yield problems.PreventiveOncePerYear(
            last=facts.last_on, first=facts.last_on + YEAR, extra={"rule": "once-a-year"}
        )


def time_refusals(policy: Policy, facts: Situation) -> Iterator[Problem]:
    """Why this time can't be had, though the person could have the service."""
    ahead = 0 if facts.is_here else policy.min_ahead_minutes
    if facts.start_at < facts.now + timedelta(minutes=ahead):
        yield problems.TooSoon(minutes=ahead, extra={"rule": "hours-ahead"})
    if facts.on_date > facts.last_day:
        yield problems.TooFar(days=facts.horizon_days, last=facts.last_day, extra={"rule": "days-ahead"})
    if facts.same_day >= policy.per_day:
        yield problems.DailyLimit(limit=policy.per_day, extra={"rule": "daily-limit"})
    if facts.has_clash:
        yield problems.SameTime(extra={"rule": "same-time"})


@dataclass(frozen=True, slots=True)
class PersonDay:
    """What a person has on a day at a unit, the appointment that is being moved left out."""

    on_date: date
    has_rights: bool
    has_referral: bool
    same_day: int
    last_on: date | None


def day_refusals(policy: Policy, day: PersonDay) -> Iterator[Problem]:
    """Why a person can have no time of a day, whichever it is: such a day isn't offered."""
    if policy.needs_rights and not day.has_rights:
        yield problems.NotInForce(extra={"rule": "rights-in-force"})
    if policy.needs_referral and not day.has_referral:
        yield problems.ReferralRequired(extra={"rule": "referral"})
    if policy.once_a_year and day.last_on and abs(day.on_date - day.last_on) < YEAR:
        yield problems.PreventiveOncePerYear(last=day.last_on, first=day.last_on + YEAR, extra={"rule": "once-a-year"})
    if day.same_day >= policy.per_day:
        yield problems.DailyLimit(limit=policy.per_day, extra={"rule": "daily-limit"})


def require_allowed(service: str, facts: Situation) -> None:
    """Refuse the slot, booked or moved to, by the first rule that stands against it.

    Raises:
        Problem: the first reason against it.
    """
    policy = policy_of(service)
    for reasons in (person_refusals, time_refusals):
        for refusal in reasons(policy, facts):
            raise refusal


def step(status: str, action: Action, who: str) -> Status:
    """The status after an action.

    Raises:
        AppointmentEnded: the appointment has ended, or that actor can't do this.
    """
    after = TRANSITIONS.get((Status(status), action))
    if after is None or who not in after[1]:
        raise problems.AppointmentEnded(extra={"rule": "status"})
    return after[0]


def require_changeable(
    service: str,
    status: str,
    action: Action,
    who: str,
    *,
    start_at: datetime,
    now: datetime,
    is_affected: bool = False,
) -> Status:
    """Refuse to move or cancel an appointment where a rule stands against it; returns the status it will have.

    The time before it is a citizen's: staff change it until it begins, and what the system cancels (its request ended)
    is cancelled whenever that is. One that the agency can't attend (`is_affected`) is changed until a week after its
    time: the person didn't cause it, and may learn of it late.

    Raises:
        AppointmentEnded: it has ended.
        CancelTooLate: it is too near.
    """
    after = step(status, action, who)
    if who == "system":
        return after
    limit = policy_of(service).cancel_until_minutes if who == "citizen" else 0
    last = start_at + CHANGEABLE_FOR if is_affected else start_at - timedelta(minutes=limit)
    if now > last:
        raise problems.CancelTooLate.of(limit)
    return after


def require_feedback_open(changed_at: datetime, now: datetime) -> None:
    """Refuse feedback outside of its window; `changed_at` is when the appointment was booked, moved or cancelled.

    Raises:
        FeedbackClosed: the window is over.
    """
    if now - changed_at > FEEDBACK_FOR:
        raise problems.FeedbackClosed


def actions_for(status: str, who: str) -> list[Action]:
    """What this kind of actor can do now: the buttons on the page."""
    return [action for (state, action), (_next, actors) in TRANSITIONS.items() if state == status and who in actors]


def seat_release_at(now: datetime, release_delay_seconds: int, seat_key: str) -> datetime:
    """Return when a freed seat is offered again: after the release delay, plus up to half of it so that it can't be
    timed."""
    spread = sum(seat_key.encode()) % (release_delay_seconds // 2 + 1)
    return now + timedelta(seconds=release_delay_seconds + spread)


def overlaps(one: "Pattern", other: "Pattern") -> bool:
    """Whether two weekly patterns would ever use the same room at the same time."""
    same_days = bool(set(one.weekdays) & set(other.weekdays))
    same_hours = one.starts < other.ends and other.starts < one.ends
    # One that was ended before it began has no day at all.
    last = min(one.valid_to or date.max, other.valid_to or date.max)
    return same_days and same_hours and max(one.valid_from, other.valid_from) <= last


def has_times(pattern: "Pattern", slot_minutes: int) -> bool:
    """Whether a weekly pattern ever gives a time: an appointment fits into its hours, and one of its weekdays lies
    between its first and last day."""
    if pattern.ends - pattern.starts < slot_minutes:
        return False
    if pattern.valid_to is None:
        return bool(pattern.weekdays)
    days = min((pattern.valid_to - pattern.valid_from).days + 1, WEEK)
    return any((pattern.valid_from + timedelta(days=n)).isoweekday() in pattern.weekdays for n in range(days))


def is_all_past(pattern: "Pattern", slot_minutes: int, today: date, minute: int) -> bool:
    """Whether every time that a weekly pattern gives has begun by this minute of the day."""
    if pattern.valid_to is None:
        return False
    last_start = pattern.starts + (pattern.ends - pattern.starts - slot_minutes) // slot_minutes * slot_minutes
    first = max(pattern.valid_from, today)
    days = (first + timedelta(days=number) for number in range(min((pattern.valid_to - first).days + 1, WEEK + 1)))
    return not any(pattern.attends(day) and (day > today or last_start > minute) for day in days)


MIDNIGHT = 24 * 60
"""The end of a day, in minutes: a schedule stores it as 00:00, which no schedule that begins on that day ends at."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The part of a schedule that says when: ISO weekdays, hours as minutes after midnight, dates."""

    weekdays: tuple[int, ...]
    starts: int
    ends: int
    valid_from: date
    valid_to: date | None

    @classmethod
    def minutes(cls, starts: time, ends: time) -> tuple[int, int]:
        """The hours of a schedule as minutes after midnight; an end at midnight is that of the day itself."""
        first, last = (hour.hour * 60 + hour.minute for hour in (starts, ends))
        return first, last or MIDNIGHT

    def attends(self, day: date) -> bool:
        """Whether it gives times on a day."""
        is_valid = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return is_valid and day.isoweekday() in self.weekdays


def first_attended(patterns: Iterable["Pattern"], off: Collection[date], first: date, last: date) -> date | None:
    """The first day from one to another on which one of the weekly patterns attends, days off left out."""
    known = list(patterns)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day not in off and any(one.attends(day) for one in known):
            return day
    return None
