"""Problems of the registry."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, map_constraint


class PanelFull(Conflict):
    """No room of that unit and shift takes more people."""

    slug = "panel-full"
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
    """No person in the registry has the CURP given."""

    slug = "relative-unknown"
    title = N_("La CURP de la otra persona no está en el registro")
    detail = N_("Sin estar en el registro de la agencia no se le puede registrar como beneficiaria.")
    next_step = N_("Pida a la persona que revise la CURP, o espere a que el registro la tenga.")


class HolderUnknown(Conflict):
    """No person of the registry has the number or CURP given for the insured person."""

    slug = "holder-unknown"
    title = N_("La persona asegurada no está en el registro")
    detail = N_("No hay en el registro una persona con el NSS o la CURP que se dio.")
    next_step = N_("Niegue la solicitud sin decir ese motivo: quien la hizo no debe saber quién está en el registro.")


class HolderWithoutRights(Conflict):
    """The person named as insured has no rights in force: no one can be registered with them (LSS arts. 84 and 109)."""

    slug = "holder-without-rights"
    title = N_("La persona asegurada no tiene derechos vigentes")
    detail = N_("Sólo se registra a alguien con quien tiene derechos (Ley del Seguro Social, arts. 84 y 109).")
    next_step = N_("Niegue la solicitud sin decir ese motivo: los derechos de otra persona no se informan.")


class HolderIneligible(Conflict):
    """By the registry, the ages of the two aren't possible for that kinship."""

    slug = "holder-ineligible"
    title = N_("Las edades no son posibles para ese parentesco")
    detail = N_("Lo dicen las fechas de nacimiento del registro.")
    next_step = N_("Revise los documentos y niegue la solicitud sin dar los datos de la persona asegurada.")


class CurpAlreadyRegistered(Conflict):
    """The registry has a person with the declared CURP, and it isn't confirmed yet that they are the same."""

    slug = "curp-already-registered"
    title = N_("Esa CURP ya es de una persona del registro")
    detail = N_("Quien hizo la solicitud todavía no ha comprobado que es esa persona.")
    next_step = N_("Cítela en ventanilla con una identificación, o niegue la solicitud por falta de identificación.")


class NameMissing(Conflict):
    """The person declared only their CURP, and the registry needs a name."""

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


class RegistrationChanged(Conflict):
    """The registration of a dependant was changed or ended after the approval that wrote it."""

    slug = "registration-changed"
    title = N_("El registro del beneficiario cambió después de la aprobación")
    detail = N_("Deshacerla borraría ese otro cambio.")
    next_step = N_("Revise los datos del beneficiario; si el registro no corresponde, hay que pedir su baja.")


class NssAlreadyAssigned(Conflict):
    """The person has a social-security number already."""

    slug = "nss-already-assigned"
    title = N_("Esa persona ya tiene número de seguridad social")
    detail = N_("El número es para toda la vida y no se da otro.")
    next_step = N_("Puede consultarlo con el trámite para encontrar su número.")


class NumbersExhausted(Conflict):
    """No number is free for the year of registration and that of birth."""

    slug = "numbers-exhausted"
    title = N_("No quedan números de seguridad social para ese año de nacimiento")
    detail = N_("El portal da números de un bloque propio y se acabaron los de este año.")
    next_step = N_("Avise a quien administra el portal; la solicitud puede esperar en revisión.")


map_constraint("ck_panel_assigned", PanelFull)
map_constraint("ex_dependant_one_couple", CoupleRegistered)
