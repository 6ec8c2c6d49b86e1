"""Problems of the draw: what the person can do instead."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, map_constraint


class RegistrationClosed(Conflict):
    """The registration for the draw isn't open: it is over, or the draw was made."""

    slug = "draw-registration-closed"
    title = N_("El registro de este sorteo está cerrado")
    detail = N_("Ya pasó la hora de cierre.")
    next_step = N_("Lo que quede del sorteo pasa a todos a la hora publicada; también puede elegir otro día.")


class AlreadyRegistered(Conflict):
    """The person is registered for the draw already."""

    slug = "already-registered-for-draw"
    title = N_("Ya tiene registro en este sorteo")
    detail = N_("Cada persona participa una vez en cada sorteo, con la misma oportunidad que las demás.")
    next_step = N_("Vea su registro en «Mi lista de espera».")


class NoEarlierSeat(Conflict):
    """The person's appointment is before every seat of the draw, which offers earlier ones only."""

    slug = "draw-has-no-earlier-time"
    title = N_("Su cita es antes que todos los horarios de este sorteo")
    detail = N_("Con una cita del mismo servicio, el sorteo solo ofrece horarios más cercanos, y aquí no hay ninguno.")
    next_step = N_("Su cita se conserva. Puede registrarse en el sorteo de un día anterior a su cita.")


class RegistrationOver(Conflict):
    """The registration has ended: it was cancelled, or its offer was answered."""

    slug = "draw-registration-over"
    title = N_("Ese registro ya terminó")
    detail = N_("Se canceló, o ya se contestó el horario que se le ofreció.")
    next_step = N_("Si tiene una cita, se conserva.")


map_constraint("uq_draw_registration_person", AlreadyRegistered)
map_constraint("draw_registration_is_in_time", RegistrationClosed)
