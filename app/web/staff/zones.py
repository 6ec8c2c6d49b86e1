"""By which clock the times of a list are: each by its own where the list spans several, or all by one."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.appointments.labels import zone_name
from app.kernel.actor import Staff
from app.kernel.i18n import N_, gettext

ALL_BY_ONE = N_("Las horas son las de esta zona: %(zone)s.")


@dataclass(frozen=True, slots=True)
class Clocks:
    """How a list says by which clock its times are. `is_each_named`: its times are by several clocks, so each has the
    name of its own beside it; `line`: the clock of all of them, for a reader who has no clock of one unit."""

    is_each_named: bool
    line: str


def clocks_of(actor: Staff, zones: Iterable[str]) -> Clocks:
    """How the times of a list, which are by these clocks, are shown to a reader."""
    found = {zone_name(zone) for zone in zones}
    has_own = actor.unit_ids is not None and len(actor.unit_ids) == 1
    line = "" if has_own or len(found) != 1 else gettext(ALL_BY_ONE) % {"zone": next(iter(found))}
    return Clocks(len(found) > 1, line)
