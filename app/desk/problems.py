"""The refusals of the desk."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict


class VisitOnAnotherDay(Conflict):
    """Today isn't the day of the visit: that the citizen came has to be confirmed. `visit_on` says which day it is."""

    slug = "visit-on-another-day"
    title = N_("La cita en ventanilla no es hoy")
    detail = N_("La cita es el %(day)s a %(hour)s; hoy es %(today)s.")
    next_step = N_("Si la persona de verdad vino hoy, confírmelo.")
