"""Problems of the desk."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict


class VisitOnAnotherDay(Conflict):
    """Today isn't the day of the visit: the caller has to confirm that the citizen came. `visit_on` is that day."""

    slug = "visit-on-another-day"
    title = N_("La cita en ventanilla no es hoy")
    detail = N_("La cita es el %(day)s a %(hour)s; hoy es %(today)s.")
    next_step = N_("Si la persona de verdad vino hoy, confírmelo.")
