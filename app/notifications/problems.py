"""Problems of messages."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Invalid, Problem


class CodeNotRetried(Conflict):
    """A sign-in code that could not be delivered isn't sent again: it expires, and may have arrived."""

    slug = "code-not-retried"
    title = N_("Un código no se envía otra vez")
    detail = N_("Vence en minutos, y no se guarda.")
    next_step = N_("Descártelo: la persona puede pedir otro código.")


class TextsInvalid(Invalid):
    """The texts of a message can't be stored or sent: `fields` says what is wrong in which part, and what to do."""

    slug = "message-texts-invalid"
    title = N_("El texto no se puede usar así")
    detail = N_("No se guardó ni se envió nada.")
    next_step = N_("Corrija lo señalado y guárdelo otra vez.")


class ReportNotSigned(Problem):
    """A report of delivery isn't signed by the secret of the settings, or was signed more than five minutes ago."""

    slug = "report-not-signed"
    status = 401
    title = N_("El informe no trae la firma acordada")
    next_step = N_("Firme el cuerpo con el secreto del portal y la hora de ahora.")
