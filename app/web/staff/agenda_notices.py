"""What a page says after a closure was made or taken back, or a schedule changed: whom it hit, whom messages reach and
whom staff have to call, as that stands now; nothing that has changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.appointments.queries.rebooking import people_of_closure
from app.appointments.rebooking import ReplyStatus
from app.kernel import clock
from app.kernel.i18n import N_, gettext, ngettext
from app.kernel.parsing import whole_number
from app.notifications.unaddressed import unaware
from app.registry.queries import names_of
from app.registry.reachability import unreachable
from app.web.staff.header import announce_while, last_button

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi import Request
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.appointments.models import Schedule, ScheduleException
    from app.appointments.queries.rebooking import AffectedPerson
    from app.appointments.service.closures import Reinstated
    from app.appointments.service.schedules import Changed
    from app.places.models import Unit

CLOSURES = "/ventanilla/jefatura/cierres"
TO_NOTIFY = ("/ventanilla/por-avisar", N_("Personas por avisar"))
CLOSED, OPENED, CHANGED = "cerrado", "abierto", "agenda"
SCHEDULE_FIELD, HIT_FIELD, STAND_FIELD, CALL_FIELD = "agenda", "afecta", "siguen", "avisar"
"""Of the address of such a page: which schedule was changed, how many people it hit, how many appointments stand again,
and how many of their people staff have to notify."""


@dataclass(frozen=True, slots=True)
class StandLine:
    """An appointment that stands again, as a preview shows it. `is_mute`: messages don't reach its person; `is_aware`:
    they know, or may know, that their time was closed."""

    name: str
    one: Reinstated
    is_mute: bool
    is_aware: bool

    @property
    def must_be_called(self) -> bool:
        """Whether staff have to notify them: who heard of no closing needs no word of its end."""
        return self.is_mute and self.is_aware


async def stand_lines(tx: AsyncSession, unit: Unit, found: Sequence[Reinstated]) -> list[StandLine]:
    """Each by name, by time."""
    people = {one.person_id for one in found}
    names = await names_of(tx, people)
    mute = await unreachable(tx, people, clock.today(unit.timezone))
    untold = await unaware(tx, unit.id, [one.folio for one in found])
    return [
        StandLine(names[one.person_id], one, one.person_id in mute, one.folio not in untold)
        for one in sorted(found, key=lambda one: (one.start_at, one.folio))
    ]


async def stand_fields(tx: AsyncSession, unit: Unit, found: Sequence[Reinstated]) -> dict[str, int]:
    """How many stand again and how many of them staff have to notify, for the address of the page that says so."""
    mute = await unreachable(tx, {one.person_id for one in found}, clock.today(unit.timezone))
    silent = [one.folio for one in found if one.person_id in mute]
    to_call = len(silent) - len(await unaware(tx, unit.id, silent))
    return {STAND_FIELD: len(found), CALL_FIELD: to_call} if found else {}


def after_reopening(unit: Unit, stand: dict[str, int]) -> str:
    """The address of the page that says what opening again did."""
    return f"{CLOSURES}?{urlencode({'unidad': str(unit.id)} | stand)}"


async def after_change(tx: AsyncSession, page: str, unit: Unit, made: Changed) -> str:
    """The address of the page that says what changing a schedule did."""
    about = {"unidad": str(unit.id), SCHEDULE_FIELD: str(made.schedule.id)}
    hit = {HIT_FIELD: len(made.offers)} if made.offers else {}
    return f"{page}?{urlencode(about | hit | await stand_fields(tx, unit, made.reinstated))}"


def closed_state(people: Sequence[AffectedPerson]) -> int:
    """The state of a closure to which what is said of it is bound: how many have answered."""
    return sum(1 for one in people if one.answer is not None)


def opened_state(found: Sequence[ScheduleException]) -> int:
    """The state of a unit's closures: when the newest was made."""
    return max((_microseconds(one.created_at) for one in found), default=0)


def _microseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def say_closed(request: Request, people: Sequence[AffectedPerson], mute: set[UUID]) -> None:
    """Say of a closure made just now whom it hit; until someone has answered."""
    if last_button(request) != CLOSED:
        return
    held = sum(1 for one in people if one.to_start_at is not None)
    if not people:
        offered = gettext(N_("Ninguna cita cambia."))
    elif not held:
        offered = gettext(N_("No había otro horario que guardar."))
    else:
        words = ngettext(
            "Se guardó otro horario a %(count)s persona.", "Se guardó otro horario a %(count)s personas.", held
        )
        offered = words % {"count": held}
    said = [gettext(N_("Quedó cerrado.")), offered, *_hit(people, mute)]
    announce_while(request, closed_state(people), " ".join(said))


def _hit(people: Sequence[AffectedPerson], mute: set[UUID]) -> list[str]:
    """Whom messages reach, and whom to ring, among those who haven't answered."""
    left = [one for one in people if one.answer is None]
    reached = sum(1 for one in left if one.person_id not in mute)
    ring = sum(1 for one in left if one.reply_status(mute) is ReplyStatus.RING)
    said = []
    if reached:
        words = ngettext(
            "Se avisa con un mensaje a %(count)s persona.", "Se avisa con un mensaje a %(count)s personas.", reached
        )
        said.append(words % {"count": reached})
    if ring:
        words = ngettext("Hay que llamar a %(count)s persona.", "Hay que llamar a %(count)s personas.", ring)
        said.append(words % {"count": ring})
    elif left:
        said.append(gettext(N_("Por ahora no hay que llamar a nadie.")))
    return said


def say_opened(request: Request, found: Sequence[ScheduleException]) -> None:
    """Say of a closure that was taken back which appointments stand again; until another is made."""
    if last_button(request) != OPENED:
        return
    stand, links = _stand(request)
    said = [gettext(N_("Se abrió otra vez.")), *(stand or [gettext(N_("Ninguna cita cambia."))])]
    announce_while(request, opened_state(found), " ".join(said), links)


def _stand(request: Request) -> tuple[list[str], list[tuple[str, str]]]:
    stand, to_call = _number(request, STAND_FIELD), _number(request, CALL_FIELD)
    if not stand:
        return [], []
    words = ngettext("%(count)s cita vuelve a quedar en pie.", "%(count)s citas vuelven a quedar en pie.", stand)
    said = [words % {"count": stand}]
    if not to_call:
        return said, []
    words = ngettext(
        "A %(count)s persona no le llegan mensajes: está entre las personas por avisar hasta que se le avise.",
        "A %(count)s personas no les llegan mensajes: están entre las personas por avisar hasta que se les avise.",
        to_call,
    )
    return [*said, words % {"count": to_call}], [TO_NOTIFY]


def _number(request: Request, field: str) -> int:
    """A figure of an address that is signed."""
    try:
        return whole_number(request.query_params.get(field, ""), low=0, high=99_999)
    except ValueError:
        return 0


async def say_changed(request: Request, tx: AsyncSession, unit: Unit, found: Sequence[Schedule]) -> None:
    """Say of a schedule changed just now whom it hit; until it is changed again."""
    if last_button(request) != CHANGED:
        return
    schedule = next((one for one in found if str(one.id) == request.query_params.get(SCHEDULE_FIELD)), None)
    said, links = _stand(request)
    if schedule is not None and _number(request, HIT_FIELD):
        people = await people_of_closure(tx, schedule.id)
        mute = await unreachable(tx, {one.person_id for one in people}, clock.today(unit.timezone))
        said = [*_hit(people, mute), *said]
        links = [(f"{CLOSURES}/{schedule.id}", N_("A quién cambió la cita")), *links]
    elif not said:
        said = [gettext(N_("Ninguna cita cambia."))]
    words = " ".join([gettext(N_("La agenda quedó como se mostró.")), *said])
    announce_while(request, schedule.version if schedule else 0, words, links)
