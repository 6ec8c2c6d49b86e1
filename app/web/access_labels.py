"""The words for who saw whose data: in which role, and where they saw it."""

from app.kernel.actor import Role
from app.kernel.i18n import N_
from app.registry.access_log import REPRESENTATIVE, ViewContext

STAFF_ROLES: dict[str, str] = {
    Role.RECEPTIONIST: N_("Recepción"),
    Role.OFFICER: N_("Oficialía"),
    Role.SUPERVISOR: N_("Supervisión"),
    Role.ANALYST: N_("Análisis"),
    Role.ADMIN: N_("Administración"),
}
READER_ROLES = STAFF_ROLES | {REPRESENTATIVE: N_("Quien actúa por la persona")}
CONTEXTS: dict[str, str] = {
    ViewContext.CASE: N_("una solicitud"),
    ViewContext.DOCUMENT: N_("un documento"),
    ViewContext.LIST: N_("una lista de solicitudes"),
    ViewContext.SEARCH: N_("el nombre y la CURP, en el resultado de una búsqueda"),
    ViewContext.PERSON: N_("la página de la persona: contacto, derechos, familia, trámites y citas"),
    ViewContext.RELATED: N_("el nombre, en la página de un familiar o de alguien con permiso"),
    ViewContext.DESK_CODE: N_("el nombre, al dar un código para entrar"),
    ViewContext.CERTIFICATE: N_("una constancia"),
    ViewContext.NOTICE: N_("un aviso que ningún mensaje podía llevar"),
    ViewContext.MESSAGE: N_("un mensaje que no llegó"),
    ViewContext.APPOINTMENT: N_("una cita"),
    ViewContext.ACCESS_LOG: N_("el registro de quién vio los datos"),
}
