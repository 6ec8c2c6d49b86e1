"""A number without an appointment: for a person on their page, or for someone unknown, in two fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.appointments.labels import service_name
from app.appointments.queries.offer import services_at
from app.catalog.loader import load_services
from app.desk.queries.people import FoundPerson, OpenRequest
from app.desk.queries.tickets import TicketView
from app.desk.rules.tickets import OPEN
from app.kernel import clock
from app.kernel.i18n import N_, gettext
from app.places.queries import zone_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.web.effects import EffectForm

WINDOW = "window"
FOR_REQUEST = f"{WINDOW}:"
"""How the value of a choice begins that is a number for a request; its folio follows."""
CHOOSE_ONE = N_("Elija para qué viene.")


async def form_context(
    tx: AsyncSession,
    unit_id: UUID,
    *,
    person: FoundPerson | None = None,
    requests: Sequence[OpenRequest] = (),
    tickets: Sequence[TicketView] = (),
    form: EffectForm | None = None,
) -> dict[str, Any]:
    """What the form shows: what may be chosen, what was typed, and the facts that it acts on."""
    is_mine = form is not None and form.path.endswith("/turnos")
    return {
        "choices": await choices(tx, unit_id, requests),
        "typed": form.values if form is not None and is_mine else {},
        "walk_in_shown": walk_in_facts(unit_id, person, tickets),
        "field_labels": {"para": gettext(N_("¿Para qué viene?"))},
    }


def walk_in_facts(unit_id: UUID, person: FoundPerson | None, tickets: Sequence[TicketView]) -> list[object]:
    """Who gets a number where, and the numbers that they have already."""
    return [unit_id, person.id if person else None, [one.id for one in tickets if one.status in OPEN]]


async def choices(tx: AsyncSession, unit_id: UUID, requests: Sequence[OpenRequest] = ()) -> dict[str, str]:
    """What a person may come for: the services of the unit, the window, and each open request of theirs."""
    here = await services_at(tx, unit_id, clock.today(await zone_of(tx, unit_id)))
    named = sorted((service_name(one), one) for one in here | {WINDOW})
    known = load_services()
    asked = {
        FOR_REQUEST + one.folio: gettext(N_("Ventanilla: %(service)s (%(folio)s)"))
        % {"service": known[one.service].name if one.service in known else one.service, "folio": one.folio}
        for one in requests
    }
    return asked | {service: name for name, service in named}
