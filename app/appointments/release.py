"""When the seats of a schedule can be booked first: at once, in waves, or after a draw. Pure.

A seat that isn't released yet has a `free_from` to come, as one in its release delay has: nothing that searches, holds
or books asks anything more, and no job has to run at that instant. The values are the agency's own, and published
(docs/fair-release.md).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.appointments.rules import Pattern
from app.kernel.i18n import N_, gettext
from app.kernel.problems import FieldError

FIRST_HOUR, LAST_HOUR = time(6), time(22)
"""Nothing is released, opened or closed at night, when few are awake."""
MAX_WAVES = 6
WHOLE = 100
STEP = 61
"""Coprime to 100 and near its golden section: any run of seats gets the shares of the waves, a time or two more or
less, and the times of a wave lie all over the day."""
EPOCH = date(1970, 1, 1)
MIN_REGISTRATION = timedelta(hours=12)
MIN_OFFERING = timedelta(hours=12)
"""The registration is open, and the drawn are asked, for this long at least: a night is in no one's way."""
OPENED_LATE = timedelta(hours=1)
"""A registration that a worker opens this much later, at most, is taken for one that opened in time."""

BAD_HOUR = N_("La hora debe estar entre las 6:00 y las 22:00.")
TOO_FAR = N_("Los días antes van de 0 a %(days)s.")
TOO_EARLY = N_("Ese día todavía no se abre a esa hora: dé las %(hour)s o después, o menos días antes.")
AFTER_START = N_("El mismo día de la cita debe ser antes de la primera hora de la agenda.")
TWICE = N_("Dos tandas salen en el mismo momento.")
NOT_WHOLE = N_("Los porcentajes de las tandas deben sumar 100.")
FEW_WAVES = N_("Escriba de una a seis tandas.")
SHORT_REGISTRATION = N_("El registro debe estar abierto 12 horas o más.")
SHORT_OFFERING = N_("Entre el sorteo y el momento en que los horarios pasan a todos debe haber 12 horas o más.")


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """Some days before the day of the seats, at an hour by the unit's clock."""

    days: int
    at: time

    def on(self, day: date) -> datetime:
        """The moment for the seats of a day, by the unit's clock; without a zone."""
        return datetime.combine(day - timedelta(days=self.days), self.at)

    def instant(self, day: date, zone: str) -> datetime:
        """The instant for the seats of a day."""
        return self.on(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        return {"days": self.days, "at": f"{self.at:%H:%M}"}


def _moment(stored: Mapping[str, Any]) -> Moment:
    return Moment(int(stored["days"]), time.fromisoformat(stored["at"]))


@dataclass(frozen=True, slots=True)
class Wave:
    """A share of the day's seats, in percent, that is released at a moment."""

    moment: Moment
    share: int


@dataclass(frozen=True, slots=True)
class Waves:
    """Seats are released in these waves, in the order of their moments."""

    waves: tuple[Wave, ...]

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        return {"waves": [one.moment.stored() | {"share": one.share} for one in self.waves]}


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """People register from `opens` to `closes`; then seats are offered in the drawn order, and what is left is the
    public's from `public` on."""

    opens: Moment
    closes: Moment
    public: Moment

    def is_drawn(self, day: date, zone: str, now: datetime) -> bool:
        """Whether the seats of a day are drawn that are made now: people have time to register. Otherwise they are the
        public's at its moment."""
        return self.closes.instant(day, zone) - max(now, self.opens.instant(day, zone)) >= MIN_REGISTRATION

    def stored(self) -> dict[str, Any]:
        """As it is stored."""
        return {"draw": {name: getattr(self, name).stored() for name in ("opens", "closes", "public")}}


Release = Waves | DrawPlan | None
"""None: at once, when the day can be booked."""


def release_of(stored: Mapping[str, Any] | None) -> Release:
    """The release that a schedule stores."""
    if stored is None:
        return None
    if stored.get("draw"):
        return DrawPlan(**{name: _moment(stored["draw"][name]) for name in ("opens", "closes", "public")})
    return Waves(tuple(Wave(_moment(one), int(one["share"])) for one in stored["waves"]))


def to_store(release: Release) -> dict[str, Any] | None:
    """The release as it is stored: waves in the order of their moments, whatever order they were given in."""
    if isinstance(release, Waves):
        return Waves(tuple(sorted(release.waves, key=lambda one: (-one.moment.days, one.moment.at)))).stored()
    return release.stored() if release is not None else None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a release must keep to: how far ahead days open and at which hour, and when the schedule begins."""

    horizon_days: int
    opens_at: time
    starts: time


def release_errors(release: Release, limits: Limits) -> Iterator[FieldError]:
    """What is wrong with a release, each at its field."""
    if isinstance(release, Waves):
        yield from _wave_errors(release, limits)
    elif isinstance(release, DrawPlan):
        yield from _draw_errors(release, limits)


def _wave_errors(release: Waves, limits: Limits) -> Iterator[FieldError]:
    if not 1 <= len(release.waves) <= MAX_WAVES:
        yield FieldError("release.waves", FEW_WAVES, "few_waves")
    for number, wave in enumerate(release.waves):
        yield from _moment_errors(f"release.waves.{number}", wave.moment, limits)
    if sum(wave.share for wave in release.waves) != WHOLE or any(wave.share < 1 for wave in release.waves):
        yield FieldError("release.waves", NOT_WHOLE, "not_whole")
    if len({wave.moment for wave in release.waves}) < len(release.waves):
        yield FieldError("release.waves", TWICE, "twice")


def _draw_errors(release: DrawPlan, limits: Limits) -> Iterator[FieldError]:
    for name in ("opens", "closes", "public"):
        yield from _moment_errors(f"release.draw.{name}", getattr(release, name), limits)
    day = date(2000, 6, 1)  # any: they are compared without a zone
    opens, closes, public = (one.on(day) for one in (release.opens, release.closes, release.public))
    if closes - opens < MIN_REGISTRATION:
        yield FieldError("release.draw.closes.days", SHORT_REGISTRATION, "short_registration")
    if public - closes < MIN_OFFERING:
        yield FieldError("release.draw.public.days", SHORT_OFFERING, "short_offering")


def _moment_errors(name: str, moment: Moment, limits: Limits) -> Iterator[FieldError]:
    if not 0 <= moment.days <= limits.horizon_days:
        yield FieldError(f"{name}.days", gettext(TOO_FAR) % {"days": limits.horizon_days}, "too_far")
    if not FIRST_HOUR <= moment.at <= LAST_HOUR:
        yield FieldError(f"{name}.at", BAD_HOUR, "bad_hour")
    elif moment.days == limits.horizon_days and moment.at < limits.opens_at:
        yield FieldError(f"{name}.at", gettext(TOO_EARLY) % {"hour": f"{limits.opens_at:%H:%M}"}, "too_early")
    elif moment.days == 0 and moment.at >= limits.starts:
        yield FieldError(f"{name}.at", AFTER_START, "after_start")


def percent_of(number: int, day: date) -> int:
    """Where in the shares a seat falls, from 0 to 99: `number` counts the seats of the day from 0, by time and place.
    It differs from day to day, so that no hour is always in the last wave."""
    return (number + (day - EPOCH).days) * STEP % WHOLE


def wave_of(number: int, day: date, waves: Waves) -> int:
    """The wave of a seat, from 1: by the shares, added up in the order of the waves."""
    percent, below = percent_of(number, day), 0
    for index, wave in enumerate(waves.waves, start=1):
        below += wave.share
        if percent < below:
            return index
    raise ValueError("the shares of the waves add up to less than 100")


@dataclass(frozen=True, slots=True)
class Batch:
    """Seats of a day that are released together: the wave (0: at once or by draw), when by the unit's clock, and how
    many."""

    day: date
    wave: int
    at: datetime | None
    seats: int


def batches_of(day: date, seats: int, release: Release) -> list[Batch]:
    """How the seats of a day are released, first to last: what the preview of a schedule shows."""
    if isinstance(release, Waves):
        counts = Counter(wave_of(number, day, release) for number in range(seats))
        return [
            Batch(day, index, wave.moment.on(day), counts[index]) for index, wave in enumerate(release.waves, start=1)
        ]
    at = release.public.on(day) if isinstance(release, DrawPlan) else None
    return [Batch(day, 0, at, seats)]


def seats_a_day(pattern: Pattern, slot_minutes: int, capacity: int) -> int:
    """How many seats a weekly pattern gives on a day."""
    return (pattern.ends - pattern.starts) // slot_minutes * capacity


def days_attended(pattern: Pattern, first: date, most: int) -> Sequence[date]:
    """The next days on which a pattern attends, from one on."""
    days = (first + timedelta(days=number) for number in range(most * 7 + 1))
    return [day for day in days if pattern.attends(day)][:most]
