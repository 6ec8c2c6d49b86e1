"""The refusals of the registry."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, constraint


class RoomFull(Conflict):
    """No room of that unit and shift takes more people."""

    slug = "room-full"
    title = N_("No hay consultorio con lugar en ese turno")
    detail = N_("Los consultorios de esa clínica atienden ya a todas las personas que caben.")
    next_step = N_("Elija otro turno u otra clínica.")


class AlreadyDependant(Conflict):
    """That person is registered as a dependant already."""

    slug = "already-dependant"
    title = N_("Esa persona ya está registrada como beneficiaria")
    detail = N_("Su registro sigue vigente.")
    next_step = N_("No hace falta registrarla otra vez.")


class CoupleRegistered(Conflict):
    """The holder has another spouse or partner registered: there is one at a time (LSS arts. 5-A XII and 84)."""

    slug = "couple-registered"
    title = N_("Ya hay otra persona registrada como cónyuge o pareja")
    detail = N_("Sólo puede haber una a la vez (Ley del Seguro Social, arts. 5-A XII y 84).")
    next_step = N_("Primero debe terminar el registro de la otra persona, con el trámite de baja.")


class RelativeUnknown(Conflict):
    """Nobody in the registry has the CURP named."""

    slug = "relative-unknown"
    title = N_("La CURP de la otra persona no está en el registro")
    detail = N_("Sin estar en el registro de la agencia no se le puede registrar como beneficiaria.")
    next_step = N_("Pida a la persona que revise la CURP, o espere a que el registro la tenga.")


class KnownOtherwise(Conflict):
    """The registry has a person of the CURP that somebody declared, and nobody knows yet that they are the same."""

    slug = "known-otherwise"
    title = N_("Esa CURP ya es de una persona del registro")
    detail = N_("Quien hizo la solicitud todavía no ha comprobado que es esa persona.")
    next_step = N_("Cítela en ventanilla con una identificación, o niegue la solicitud por falta de identificación.")


class NameMissing(Conflict):
    """Somebody declared only their CURP, and the registry needs a name."""

    slug = "name-missing"
    title = N_("Falta el nombre de la persona")
    detail = N_("Abrió su cuenta con la CURP y nadie ha visto un documento con su nombre.")
    next_step = N_("Cítela en ventanilla con una identificación, o niegue la solicitud por falta de identificación.")


class NotDependant(Conflict):
    """That person isn't a dependant of the holder today."""

    slug = "not-dependant"
    title = N_("Esa persona no está registrada hoy como beneficiaria")
    detail = N_("No hay un registro que terminar: terminó antes o nunca lo hubo.")
    next_step = N_("Pida a la persona que revise la CURP, o niegue la baja.")


class CourtOrdered(Conflict):
    """A court ordered the registration: the holder alone can't end it."""

    slug = "court-ordered"
    title = N_("Un juez ordenó el registro de esa persona")
    detail = N_("Quien hizo el registro no puede terminarlo por su cuenta.")
    next_step = N_("Niegue la baja con ese motivo, o pida la orden del juez que la permita.")


class AlreadyEnrolled(Conflict):
    """The person has that voluntary insurance from the same day."""

    slug = "already-enrolled"
    title = N_("Esa persona ya está inscrita en ese seguro")
    detail = N_("Ya hay una inscripción que inicia el mismo día, con su línea de captura.")
    next_step = N_("No hace falta inscribirla otra vez.")


class AlreadyPensioner(Conflict):
    """The person has a pension of that kind."""

    slug = "already-pensioner"
    title = N_("Esa persona ya tiene esa pensión")
    detail = N_("En el registro consta una pensión de la misma clase que no ha terminado.")
    next_step = N_("Niegue la solicitud con ese motivo. Si la pensión ya terminó, el registro debe decir cuándo.")


class AlreadyWithdrawn(Conflict):
    """A withdrawal that a pension fund paid the same day is on record."""

    slug = "already-withdrawn"
    title = N_("Ese retiro ya está registrado")
    detail = N_("Ya consta un retiro de esa persona pagado el mismo día.")
    next_step = N_("Si las semanas no son las correctas, corríjalas con el archivo de retiros.")


class CurpOfAnother(Conflict):
    """Another person of the registry has the CURP, or had it."""

    slug = "curp-of-another"
    title = N_("Esa CURP es de otra persona del registro")
    detail = N_("Una CURP es de una sola persona, también la que tuvo antes de una corrección.")
    next_step = N_("Pida a la persona que revise la CURP nueva con su constancia de la CURP.")


class CorrectedSince(Conflict):
    """The data were changed again after the correction."""

    slug = "corrected-since"
    title = N_("Los datos cambiaron otra vez después de la corrección")
    detail = N_("Deshacerla borraría ese otro cambio.")
    next_step = N_("Revise los datos de la persona; si algo está mal, hace falta otra corrección.")


class NumberTaken(Conflict):
    """The person has a social-security number already."""

    slug = "number-taken"
    title = N_("Esa persona ya tiene número de seguridad social")
    detail = N_("El número es para toda la vida y no se da otro.")
    next_step = N_("Puede consultarlo con el trámite para encontrar su número.")


class NumbersExhausted(Conflict):
    """No number is free for the year of registration and that of birth."""

    slug = "numbers-exhausted"
    title = N_("No quedan números de seguridad social para ese año de nacimiento")
    detail = N_("El portal da números de un bloque propio y se acabaron los de este año.")
    next_step = N_("Avise a quien administra el portal; la solicitud puede esperar en revisión.")


constraint("ck_panel_assigned", RoomFull)
