"""What staff call what a ticket is, why it left, what to do about an appointment, and what a button of the desk did."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.desk.rules.visits import AtDesk
from app.kernel import clock
from app.kernel.i18n import N_, gettext, ngettext

TICKET_STATES: Mapping[str, str] = {
    "waiting": N_("en espera"),
    "called": N_("llamado"),
    "serving": N_("en atención"),
    "parked": N_("apartado"),
    "done": N_("atendido"),
    "left": N_("se fue"),
}
LEFT_REASONS: Mapping[str, str] = {
    "no-answer": N_("no respondió a los llamados"),
    "gave-up": N_("se fue sin esperar"),
    "redirected": N_("se le envió a otro lugar"),
    "closed": N_("terminó el día sin que se le llamara"),
}
ADVICE: dict[str, str] = {
    AtDesk.MISSED: N_("Se había anotado que no vino. Registre su llegada: la cita vuelve a estar en pie."),
    AtDesk.ELSEWHERE: N_("La cita es en otra unidad. Dele el papel con la dirección, o un turno sin cita aquí."),
    AtDesk.OTHER_DAY: N_("La cita no es hoy. Puede cambiarla, volver ese día, o tomar un turno sin cita."),
    AtDesk.CANCELLED: N_("La cita está cancelada. Puede hacer otra, o tomar un turno sin cita."),
    AtDesk.ATTENDED: N_("Ya se atendió."),
    AtDesk.TOO_SOON: N_("Se anotó como atendida antes de su hora. Si la persona está aquí, registre su llegada."),
    AtDesk.UNSERVED: N_("Terminó sin atenderse. Puede hacer otra, o tomar un turno sin cita."),
    AtDesk.CLOSED: N_("A esa hora no se atiende hoy. Puede cambiarla, o tomar un turno sin cita."),
}
"""What to do about an appointment for which the person can't simply check in."""
SEAT_STATES: Mapping[str, str] = {"open": N_("Abierta"), "paused": N_("En pausa")}
DONE: Mapping[str, str] = {
    "abrio": N_("Abrió: ya puede llamar."),
    "pauso": N_("En pausa: no se le llamará a nadie desde aquí."),
    "reanudo": N_("Ya puede llamar otra vez."),
    "cerro": N_("Cerró su lugar."),
    "siguiente": N_("Llamó al turno %(number)s."),
    "llama": N_("Llamó al turno %(number)s."),
    "otra-vez": N_("Llamó otra vez al turno %(number)s."),
    "llego": N_("La persona del turno %(number)s está aquí."),
    "termino": N_("Terminó con el turno %(number)s: quedó como atendido."),
    "aparta": N_("Apartó el turno %(number)s: conserva su lugar."),
    "regreso": N_("El turno %(number)s espera otra vez, en el lugar que tenía."),
    "regreso-y-llama": N_("Llamó al turno %(number)s."),
    "no-respondio": N_("Cerró el turno %(number)s: no respondió. Puede devolverlo a la fila durante 30 minutos."),
    "se-fue": N_("Cerró el turno %(number)s. Puede devolverlo a la fila durante 30 minutos."),
    "devuelve": N_("Devolvió el turno %(number)s a la fila, en el lugar que tenía."),
    "cualquiera": N_("Cualquier consultorio puede llamar al turno %(number)s."),
    "pasa": N_("Pasó el turno %(number)s a otra fila."),
    "atendida": N_("Anotó que la cita se atendió."),
    "no-vino": N_("Anotó que la persona no vino."),
}
SEAT_AFTER: Mapping[str, str | None] = {"abrio": "open", "pauso": "paused", "reanudo": "open", "cerro": None}
"""How the counter stands after these buttons: a page that was opened again later doesn't say them."""
HOUR = 60


def seconds_since(moment: datetime) -> int:
    """Whole seconds since a moment; zero for one to come."""
    return max(0, (clock.now() - moment) // timedelta(seconds=1))


def ago_words(moment: datetime) -> str:
    """How long ago something was: «hace 3 minutos»."""
    minutes = seconds_since(moment) // 60
    if not minutes:
        return gettext(N_("hace menos de un minuto"))
    return ngettext("hace %(count)s minuto", "hace %(count)s minutos", minutes) % {"count": minutes}


def wait_words(moment: datetime) -> str:
    """How long someone has waited, in a narrow column: «25 min», «1 h 5 min»."""
    hours, minutes = divmod(seconds_since(moment) // 60, HOUR)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
