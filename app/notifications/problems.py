"""Problems of messages."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict


class CodeNotRetried(Conflict):
    """A sign-in code that could not be delivered isn't sent again: it expires, and may have arrived."""

    slug = "code-not-retried"
    title = N_("Un código no se envía otra vez")
    detail = N_("Vence en minutos, y no se guarda.")
    next_step = N_("Descártelo: la persona puede pedir otro código.")
