"""What pages of the desk call things."""

from app.desk.rules.tickets import TicketStatus
from app.desk.rules.visits import AtDesk
from app.kernel.i18n import N_

TICKET_STATES: dict[str, str] = {
    TicketStatus.WAITING: N_("En espera"),
    TicketStatus.CALLED: N_("Llamado"),
    TicketStatus.SERVING: N_("En atención"),
    TicketStatus.PARKED: N_("Vuelve más tarde"),
    TicketStatus.DONE: N_("Terminado"),
    TicketStatus.LEFT: N_("Se fue"),
}
ADVICE: dict[str, str] = {
    AtDesk.MISSED: N_("Se había anotado que no vino. Registre su llegada: la cita vuelve a estar en pie."),
    AtDesk.ELSEWHERE: N_("La cita es en otra unidad. Dele el papel con la dirección, o un turno sin cita aquí."),
    AtDesk.OTHER_DAY: N_("La cita no es hoy. Puede cambiarla, volver ese día, o tomar un turno sin cita."),
    AtDesk.CANCELLED: N_("La cita está cancelada. Puede hacer otra, o tomar un turno sin cita."),
    AtDesk.ATTENDED: N_("Ya se atendió."),
    AtDesk.UNSERVED: N_("Terminó sin atenderse. Puede hacer otra, o tomar un turno sin cita."),
    AtDesk.CLOSED: N_("A esa hora no se atiende hoy. Puede cambiarla, o tomar un turno sin cita."),
}
"""What to do about an appointment for which the person can't simply check in."""
