"""The refusals of the registry."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, constraint


class RoomFull(Conflict):
    """No room of that unit and shift takes more people."""

    slug = "room-full"
    title = N_("No hay consultorio con lugar en ese turno")
    next_step = N_("Elija otro turno u otra clínica.")


class AlreadyDependant(Conflict):
    """That person is registered as a dependant already."""

    slug = "already-dependant"
    title = N_("Esa persona ya está registrada como beneficiaria")


class NumberTaken(Conflict):
    """The person has a social-security number already."""

    slug = "number-taken"
    title = N_("Esa persona ya tiene número de seguridad social")


constraint("ck_panel_assigned", RoomFull)
