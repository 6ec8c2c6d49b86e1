"""What the day sheet says: how a person's attendance reads, what was recorded, why it is a conflict, and the texts of
its script."""

from app.appointments.problems import AppointmentEnded
from app.desk import problems
from app.kernel.i18n import N_, gettext
from app.kernel.problems import Problem

ATTENDANCE = {
    "waiting": N_("En espera"),
    "called": N_("Llamado"),
    "serving": N_("Lo atienden"),
    "parked": N_("Regresa después"),
    "done": N_("Terminó"),
    "left": N_("Se fue"),
}
KINDS = {
    "number": N_("Turno sin cita"),
    "check-in": N_("Llegada"),
    "attended": N_("Atendida"),
    "missed": N_("No vino"),
}
DONE = {
    "number": N_("Se dio el turno %(number)s."),
    "check-in": N_("Se registró la llegada, con el turno %(number)s."),
    "attended": N_("Se registró que se atendió a la persona."),
    "missed": N_("Se registró que la persona no vino."),
    "resolved": N_("El conflicto quedó como resuelto."),
}
REASONS: tuple[type[Problem], ...] = (
    AppointmentEnded,
    problems.AppointmentClosed,
    problems.AppointmentElsewhere,
    problems.AppointmentNotOpen,
    problems.AppointmentOnAnotherDay,
    problems.AppointmentUnknown,
    problems.DeviceClockWrong,
    problems.EntryInFuture,
    problems.NotYetAttended,
    problems.NotYetMissed,
    problems.NumberNotReserved,
    problems.NumberUsed,
    problems.PersonIsHere,
)
WHY = {
    problems.AppointmentNotOpen.slug: N_("La cita se canceló o terminó mientras tanto"),
    problems.NotYetMissed.slug: N_("Se anotó antes de que se le acabara el tiempo de llegar"),
}
WHAT_TO_DO = {
    problems.PersonIsHere.slug: N_("Vale lo que dice la lista; si no es así, corríjalo ahí."),
    AppointmentEnded.slug: N_("Vale lo que dice la lista; si no es así, corríjalo ahí."),
    problems.NotYetMissed.slug: N_("Si no llegó, anótelo otra vez en la lista."),
}
SCRIPT = {
    "online": N_("En línea"),
    "offline": N_("Sin conexión: siga trabajando, lo que anote se envía después"),
    "lapsed": N_("Su sesión terminó: entre otra vez para enviar lo anotado"),
    "refused": N_("No se pudo enviar. Se intentará otra vez"),
    "sent": N_("Todo está enviado"),
    "waiting": N_("Por enviar: "),
    "elsewhere": N_("De otra unidad, por enviar cuando entre alguien de ella: "),
    "copy": N_("Última copia: "),
    "left": N_("Números reservados que quedan: "),
    "refusedEntry": N_("No se pudo registrar: vea por qué al principio de la hoja. El número que se dio no vale."),
    "other": N_("Sin conexión sólo se ve la última copia: no es la hoja que pidió."),
    "kept": N_("Todavía hay anotaciones por enviar: este dispositivo se puede dejar de usar cuando estén enviadas."),
    "none": N_("No quedan números para dar sin conexión. Anote a la persona en papel y regístrela después."),
    "given": N_("Turno "),
    "number": N_("Turno sin cita"),
    "check-in": N_("Llegada"),
    "attended": N_("Atendida"),
    "missed": N_("No vino"),
}


def reason_of(slug: str | None) -> tuple[str, str]:
    """Why an entry is a conflict and what to do about it, in the current language."""
    problem = next((one for one in REASONS if one.slug == slug), Problem)()
    why = gettext(WHY[slug]) if slug in WHY else problem.heading()
    advice = gettext(WHAT_TO_DO[slug]) if slug in WHAT_TO_DO else problem.advice()
    return why, advice


def script_texts() -> dict[str, str]:
    """The texts of the script, in the current language."""
    return {name: gettext(text) for name, text in SCRIPT.items()}
