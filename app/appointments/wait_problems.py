"""Problems of the wait list, and of the limit of holds: what the person can do instead."""

from typing import Self

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, map_constraint


class HoldLimit(Conflict):
    """The person held a slot as often as is allowed on a day. Booking what they hold, moving and cancelling stay
    possible."""

    slug = "hold-limit"
    title = N_("Por hoy ya no puede apartar más horarios")
    detail = N_("Cada persona puede apartar hasta %(limit)s horarios en un día, para que alcancen para todos.")
    next_step = N_(
        "Si tiene uno apartado, confírmelo. Si no, inténtelo mañana o pida la cita por teléfono o en la clínica."
    )

    @classmethod
    def of(cls, limit: int) -> Self:
        """The problem, with the limit."""
        return cls(limit=limit, extra={"rule": "holds-per-day"})


class WaitOfferOver(Conflict):
    """The time of the wait list isn't offered to the person any more: it was answered, its deadline is over, or it was
    closed."""

    slug = "wait-offer-over"
    title = N_("Ese horario ya no se le ofrece")
    detail = N_("Ya se contestó, se acabó el plazo, o la clínica no va a atender a esa hora.")
    next_step = N_("Sigue en la lista de espera si no la dejó: le avisamos cuando se libere otro. Su cita se conserva.")


class AlreadyWaiting(Conflict):
    """The person waits for a freed time of this service already."""

    slug = "already-waiting"
    title = N_("Ya está en la lista de espera de este servicio")
    detail = N_("Cada persona espera una vez por servicio.")
    next_step = N_("Puede cambiar qué horarios le sirven, o salir de la lista.")


class WaitEntryOver(Conflict):
    """The entry of the wait list has ended."""

    slug = "wait-entry-over"
    title = N_("Ya no está en la lista de espera")
    detail = N_("Salió de la lista, aceptó un horario, o su cita ya pasó o se canceló.")
    next_step = N_("Si todavía quiere un horario antes, pida entrar otra vez.")


map_constraint("uq_wait_entry_person", AlreadyWaiting)
