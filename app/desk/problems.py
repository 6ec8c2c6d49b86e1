"""Problems of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, NotFound, map_constraint


class VisitOnAnotherDay(Conflict):
    """Today isn't the day of the visit: the caller has to confirm that the citizen came. `visit_on` is that day."""

    slug = "visit-on-another-day"
    title = N_("La cita en ventanilla no es hoy")
    detail = N_("La cita es el %(day)s a %(hour)s; hoy es %(today)s.")
    next_step = N_("Si la persona de verdad vino hoy, confírmelo.")


class TicketNotInState(Conflict):
    """A ticket in this status, or at another counter, doesn't take that. `ticket_status` says how it is now, `detail`
    too, and `next_step` what it takes."""

    slug = "ticket-not-in-state"
    title = N_("Eso no se puede hacer con ese turno ahora")
    detail = ""
    next_step = N_("Actualice la página para ver cómo está.")
    ways: ClassVar[Mapping[str, tuple[str, str]]] = {
        "waiting": (N_("El turno espera en su fila."), N_("Puede llamarlo, apartarlo o cerrarlo.")),
        "called": (
            N_("El turno está llamado, y no se ha dicho que la persona esté aquí."),
            N_("Puede llamarlo otra vez, decir que está aquí, apartarlo o cerrarlo."),
        ),
        "serving": (N_("A la persona la están atendiendo."), N_("Puede terminarlo o pasarlo a otra fila.")),
        "parked": (
            N_("El turno está apartado: la persona regresa después."),
            N_("Puede devolverlo a la fila o cerrarlo."),
        ),
        "done": (N_("El turno terminó: la persona fue atendida."), N_("Si hace falta, dé un turno nuevo.")),
        "left": (
            N_("El turno se cerró sin atender a la persona."),
            N_("Puede devolverlo a la fila durante 30 minutos; después, dé uno nuevo."),
        ),
    }
    elsewhere = (N_("Lo tiene otro lugar de atención."), N_("Sólo quien atiende ahí puede seguir con él."))

    @classmethod
    def of(cls, status: str, *, is_elsewhere: bool = False, **extra: str) -> TicketNotInState:
        """Of a ticket in this status; `is_elsewhere`: a counter that isn't the actor's has it."""
        detail, next_step = cls.elsewhere if is_elsewhere else cls.ways[status]
        return cls(detail=detail, next_step=next_step, extra={"ticket_status": status, **extra})


class TicketHasPerson(Conflict):
    """The ticket is of another person already: someone identified them meanwhile."""

    slug = "ticket-has-person"
    title = N_("Ese turno ya es de otra persona")
    detail = N_("Alguien más ya dijo de quién es.")
    next_step = N_("Ábralo para ver de quién es, y corríjalo si está mal. A quien no tenga turno, dele uno.")


class WaitsElsewhere(Conflict):
    """A ticket waits in a queue that the counter doesn't attend, where it was sent on perhaps. `service` says which."""

    slug = "waits-elsewhere"
    title = N_("Ese turno espera en otra fila")
    detail = N_("Este lugar no atiende esa fila.")
    next_step = N_("Lo llama quien la atiende. Para llamarlo usted, abra su lugar también para esa fila.")


class CallAgain(Conflict):
    """A person counts as gone only after the calls that the unit asks for. `left` says how many are left."""

    slug = "call-again"
    title = N_("Llame otra vez antes de cerrar el turno")
    detail = N_("Llamados que faltan: %(left)s.")
    next_step = N_("Llame de nuevo; después podrá cerrarlo como que no respondió.")


class TicketUndoTooLate(Conflict):
    """A ticket that ended can be put back in its queue for 30 minutes."""

    slug = "ticket-undo-too-late"
    title = N_("Ya no se puede devolver ese turno a la fila")
    detail = N_("Pasaron más de 30 minutos.")
    next_step = N_("Dé un turno nuevo.")


class QueueIsEmpty(Conflict):
    """No one waits for what the counter attends."""

    slug = "desk-queue-empty"
    title = N_("Nadie espera")
    detail = N_("No hay turnos en espera para lo que atiende esta ventanilla.")
    next_step = N_("Espere unos momentos e intente otra vez.")


class CounterBusy(Conflict):
    """The counter has a ticket that was called or is being served: it is ended, parked or transferred first."""

    slug = "counter-busy"
    title = N_("Esta ventanilla tiene un turno sin terminar")
    detail = ""
    next_step = N_("Termínelo, apártelo o páselo a otra fila antes de llamar al siguiente.")


class CounterClosed(Conflict):
    """The counter isn't open, it is paused, or someone else sits there."""

    slug = "counter-closed"
    title = N_("La ventanilla no está abierta a su nombre, o está en pausa")
    detail = ""
    next_step = N_("Ábrala o reanúdela antes de llamar turnos.")


class CounterTaken(Conflict):
    """Someone else sits there, or the member of staff sits at another counter already."""

    slug = "counter-taken"
    title = N_("Esa ventanilla está ocupada, o usted ya tiene otra abierta")
    detail = ""
    next_step = N_("Elija otra, o cierre antes la que tiene abierta.")


class AppointmentElsewhere(Conflict):
    """The appointment is at another unit: its name, `km` from here if both places are known, and the time."""

    slug = "appointment-elsewhere"
    title = N_("Su cita es en otra unidad")
    detail = N_("La cita es en %(unit)s, el %(day)s a %(hour)s.")
    next_step = N_("Vaya a esa unidad, o pida aquí un turno sin cita.")


class AppointmentOnAnotherDay(Conflict):
    """The appointment isn't today. `on_date` is its day at the unit."""

    slug = "appointment-on-another-day"
    title = N_("Su cita no es hoy")
    detail = N_("La cita es el %(day)s a %(hour)s.")
    next_step = N_("Vuelva ese día, cambie la cita, o pida un turno sin cita.")


class AppointmentNotOpen(Conflict):
    """The appointment was cancelled, or its person was attended already. `appointment_status` says
    which."""

    slug = "appointment-not-open"
    title = N_("Con esa cita ya no se puede registrar la llegada")
    detail = N_("La cita del %(day)s está: %(state)s.")
    next_step = N_("Pida un turno sin cita, o reserve otra.")


class AppointmentClosed(Conflict):
    """The unit closed the time of the appointment: there is no one to attend it. `affected` says why."""

    slug = "appointment-closed"
    title = N_("A esa hora no se atiende hoy")
    detail = N_("No se atiende a la hora de la cita.")
    next_step = N_("Cámbiela por otra hora, o pida un turno sin cita.")


class NotYetMissed(Conflict):
    """A person has until the tolerance of their appointment has passed. `minutes` is how long that is."""

    slug = "not-yet-missed"
    title = N_("Todavía puede llegar")
    detail = N_("Se espera a la persona hasta %(minutes)s minutos después de su hora.")
    next_step = N_("Regístrelo cuando hayan pasado.")


class PersonIsHere(Conflict):
    """Who took a ticket came: they may have left, but never missed the appointment. `number` is the ticket's."""

    slug = "person-is-here"
    title = N_("Esa persona sí vino")
    detail = N_("Registró su llegada con el turno %(number)s.")
    next_step = N_("Atiéndala, o cierre su turno diciendo por qué se fue.")


class NotYetAttended(Conflict):
    """An appointment of a day to come can't have been attended, nor one more than half an hour before its time whose
    person didn't check in."""

    slug = "not-yet-attended"
    title = N_("La cita todavía no llega")
    detail = N_("La cita es el %(day)s.")
    next_step = N_("Anótela cuando llegue ese día.")
    not_here = N_("Es a %(hour)s, y la persona no ha registrado su llegada.")
    check_in_first = N_("Si está aquí, registre su llegada y anótela después.")


class AlreadyWaiting(Conflict):
    """The person has a ticket in this queue today: one person is one ticket."""

    slug = "already-waiting"
    title = N_("Esa persona ya tiene un turno")
    detail = N_("Su turno es el %(number)s.")
    next_step = N_("Búsquelo por ese número: una persona tiene un solo turno en cada fila.")
    of_later_visit = N_(
        "Atiéndalo con ese turno: registrar ya su cita, que es más tarde, lo pasaría atrás. Registre su llegada a la"
        " cita cuando falten menos de dos horas."
    )
    of_other_visit = N_("Ese turno es de otra cita suya. Cuando termine, registre su llegada a esta.")


class CheckNotOffered(Conflict):
    """The person's identity can't be checked this way: a document can't be seen on the telephone, the registry knows
    too little to ask, or the questions were answered wrongly three times."""

    slug = "check-not-offered"
    title = N_("Así no se puede comprobar quién es la persona")
    detail = ""
    next_step = N_("Compruébelo de otra forma, o pida a la persona que venga con una identificación.")


class NoContactOnFile(Conflict):
    """The person has no e-mail or telephone on file to which a code can be sent."""

    slug = "no-contact-on-file"
    title = N_("No hay un correo o celular a donde mandar el código")
    detail = ""
    next_step = N_("Compruebe quién es de otra forma.")


class DeviceClockWrong(Conflict):
    """The clock of the device is more than twelve hours wrong: when an entry was made isn't known. It is a reason of
    entries that were made offline."""

    slug = "device-clock-wrong"
    title = N_("El reloj del dispositivo está muy equivocado")
    detail = N_("No se sabe a qué hora se anotó.")
    next_step = N_("Corrija el reloj y registre otra vez a la persona.")


class EntryInFuture(Conflict):
    """An entry that was made offline has a time that the device's own clock hasn't reached: the clock was changed."""

    slug = "entry-in-future"
    title = N_("Se anotó con una hora que todavía no llega")
    detail = N_("El reloj del dispositivo cambió después de anotarlo.")
    next_step = N_("Revise el reloj y registre otra vez a la persona.")


class NumberNotReserved(Conflict):
    """The number of an entry that was made offline isn't among those that its device reserved for that service and
    day."""

    slug = "number-not-reserved"
    title = N_("Ese número no estaba reservado para este dispositivo")
    detail = N_("No es de los que tenía para ese servicio y ese día.")
    next_step = N_("Dé a la persona un turno nuevo.")


class NumberUsed(Conflict):
    """Another entry or ticket has the number of an entry that was made offline."""

    slug = "number-used"
    title = N_("Ese número ya se usó")
    detail = N_("Otra persona tiene el mismo número.")
    next_step = N_("Dé a la persona un turno nuevo.")


class AppointmentUnknown(Conflict):
    """No appointment has the folio of an entry that was made offline."""

    slug = "appointment-unknown"
    title = N_("Ese folio no es de una cita")
    detail = ""
    next_step = N_("Revise el folio y registre otra vez a la persona.")


class NoAppointmentHere(NotFound):
    """What was typed at a kiosk leads to no appointment of today at its unit: whose it would be isn't disclosed."""

    slug = "no-appointment-here"
    title = N_("No encontramos una cita con eso para hoy aquí")
    detail = N_("Puede usar el folio de su cita, su CURP o su número de seguridad social.")
    next_step = N_("Revise lo que escribió, tome un turno sin cita, o pregunte en recepción.")


class NotAttendedYet(Conflict):
    """A follow-up is for a person who was attended: that is recorded first."""

    slug = "not-attended-yet"
    title = N_("Esa cita no consta como atendida")
    detail = N_("La cita de seguimiento se hace después de anotar que se atendió.")
    next_step = N_("Anote primero que se atendió.")


class OfferOver(Conflict):
    """The ticket has no such offer any more: it was answered, the time passed or was taken, or the ticket was
    called."""

    slug = "offer-over"
    title = N_("Ese horario ya no se ofrece a ese turno")
    detail = N_("Alguien más ya contestó, el horario se ocupó, o el turno ya no espera.")
    next_step = N_("Vea otra vez la lista de horarios liberados.")


# Two calls to one counter at the same moment: the second finds the ticket of the first.
map_constraint("uq_desk_ticket_counter", CounterBusy)
