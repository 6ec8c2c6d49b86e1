"""The part of the schedule editor that says when seats are released: at once, in waves or by draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.appointments.horizon import last_open_day
from app.appointments.release import (
    MAX_WAVES,
    NOT_WHOLE,
    DrawPlan,
    Waves,
    batches_of,
    days_attended,
    release_of,
    seats_a_day,
)
from app.appointments.rules import Pattern
from app.kernel import clock
from app.kernel.i18n import N_
from app.kernel.parsing import clock_time, whole_number

if TYPE_CHECKING:
    from app.web.effects import EffectForm

RELEASES = {
    "at-once": N_("Todos a la vez, cuando se abre el día"),
    "waves": N_("Por tandas"),
    "draw": N_("Por sorteo"),
}
KINDS = {
    "at-once": N_("a la vez"),
    "waves": N_("por tandas"),
    "draw": N_("por sorteo"),
}
MOMENTS = {
    "opens": N_("Se abre el registro"),
    "closes": N_("Se cierra el registro y se sortea"),
    "public": N_("Lo que quede pasa a todos"),
}
ROWS = 3
"""Waves that the form has room for; one more than a schedule has, up to the most."""
SHOWN_DAYS = 3
DAYS_BEFORE = N_("Escriba cuántos días antes, con números.")
HOUR = N_("Escriba una hora, por ejemplo 07:00 o 8:00 p.m.")
PERCENT = N_("Escriba el porcentaje, de 1 a 100.")
EMPTY = {"waves-0-days": "14", "waves-0-at": "07:00", "waves-0-share": "50", "waves-1-days": "2"} | {
    "waves-1-at": "18:00",
    "waves-1-share": "50",
    "draw-opens-days": "7",
    "draw-opens-at": "08:00",
    "draw-closes-days": "6",
    "draw-closes-at": "20:00",
    "draw-public-days": "4",
    "draw-public-at": "12:00",
}
"""What the form proposes of the kinds that aren't chosen."""


def kind_of(stored: Mapping[str, Any] | None) -> str:
    """The kind of a stored release."""
    return "at-once" if stored is None else "draw" if "draw" in stored else "waves"


def typed_release(stored: Mapping[str, Any] | None) -> dict[str, str]:
    """The fields of a stored release; of the other kinds, what is usual."""
    typed = {"release": kind_of(stored)} | EMPTY
    if stored is None:
        return typed
    if "draw" in stored:
        return typed | {
            f"draw-{name}-{part}": str(stored["draw"][name][part]) for name in MOMENTS for part in ("days", "at")
        }
    typed = {name: value for name, value in typed.items() if not name.startswith("waves-")}
    return typed | {
        f"waves-{number}-{part}": str(wave[part])
        for number, wave in enumerate(stored["waves"])
        for part in ("days", "at", "share")
    }


def rows_of(typed: Mapping[str, str]) -> int:
    """How many waves the form has room for."""
    filled = [number for number in range(MAX_WAVES) if typed.get(f"waves-{number}-share")]
    return min(MAX_WAVES, max([ROWS - 1, *(number + 1 for number in filled)]) + 1)


def read_release(form: EffectForm) -> dict[str, Any] | None:
    """The release as typed, to be checked by its rules; what can't be read is noted at its field. A wave of which
    nothing is typed is none."""
    kind = form.one_of("release", RELEASES, N_("Elija cómo salen los horarios.")) if form.get("release") else "at-once"
    if kind == "draw":
        return {"draw": {name: _moment(form, f"draw-{name}") for name in MOMENTS}}
    if kind != "waves":
        return None
    found = []
    for number in range(MAX_WAVES):
        name = f"waves-{number}"
        if any(form.get(f"{name}-{part}") for part in ("days", "at", "share")):
            moment = _moment(form, name)  # in the order of the fields, as the summary of errors is
            share = _read(form, f"{name}-share", lambda text: whole_number(text, low=1, high=100), PERCENT)
            found.append(moment | {"share": share})
    if not found:
        form.wrong("waves-0-days", NOT_WHOLE)
    return {"waves": found}


def _moment(form: EffectForm, name: str) -> dict[str, Any]:
    days = _read(form, f"{name}-days", lambda text: whole_number(text, high=999), DAYS_BEFORE)
    at = _read(form, f"{name}-at", clock_time, HOUR)
    return {"days": days, "at": f"{at:%H:%M}" if at is not None else None}


def _read(form: EffectForm, name: str, read: Any, message: str) -> Any:
    try:
        return read(form.get(name))
    except ValueError:
        form.wrong(name, message)
        return None


def field_of(name: str) -> str:
    """The field of the form that an error of the rules is about."""
    if name == "release.waves":
        return "waves-0-share"
    return name.removeprefix("release.").replace(".", "-") if name.startswith("release.") else name


@dataclass(frozen=True, slots=True)
class ReleasedDay:
    """What a preview says of a day: seats that are released at these instants; or, of a draw, its instants by name."""

    day: date
    seats: int
    batches: list[tuple[datetime, int]]
    moments: dict[str, datetime]


def released_days(given: Mapping[str, Any], valid_from: date, zone: str, *, is_new: bool) -> list[ReleasedDay]:
    """How the next days release their seats, by the values of a schedule: of a new one all, of another those that are
    still to open. A moment that has passed is now; a day that comes too late for its draw is the public's."""
    release = release_of(given["release"])
    starts, ends = Pattern.minutes(given["starts"], given["ends"])
    now, unopened = clock.now(), max(valid_from, last_open_day(zone) + timedelta(days=1))
    pattern = Pattern(tuple(given["weekdays"]), starts, ends, valid_from, given["valid_to"])
    seats = seats_a_day(pattern, given["slot_minutes"], given["capacity"])
    found = []
    days = list(days_attended(pattern, unopened, SHOWN_DAYS))
    if is_new:
        days = sorted({*days_attended(pattern, max(valid_from, clock.today(zone)), SHOWN_DAYS), *days})
    for day in days:
        moments: dict[str, datetime] = {}
        batches: list[tuple[datetime, int]] = []
        if isinstance(release, DrawPlan) and release.is_drawn(day, zone, now):
            moments = {name: max(now, getattr(release, name).instant(day, zone)) for name in MOMENTS}
        elif isinstance(release, DrawPlan):
            batches = [(max(now, release.public.instant(day, zone)), seats)]
        elif isinstance(release, Waves):
            counts = batches_of(day, seats, release)
            batches = [
                (max(now, wave.moment.instant(day, zone)), one.seats)
                for wave, one in zip(release.waves, counts, strict=True)
            ]
        found.append(ReleasedDay(day, seats, batches, moments))
    return found
