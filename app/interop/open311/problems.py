"""Refusals of Open311's own forms."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Forbidden, MediaTypeUnsupported, NotFound


class ApiKeyMissing(Forbidden):
    """Open311: a complaint is its author's, so it is sent and read with their access token."""

    slug = "api-key-missing"
    title = N_("Falta el permiso (api_key)")
    detail = N_("Las quejas y sugerencias son de quien las escribe: hace falta saber quién es.")
    next_step = N_("Envíe el permiso de acceso en Authorization o, en un POST, en api_key; nunca en la dirección.")


class JurisdictionUnknown(NotFound):
    """Open311: `jurisdiction_id` names another endpoint."""

    slug = "jurisdiction-unknown"
    title = N_("Ese jurisdiction_id no es de este portal")
    detail = ""
    next_step = N_("Envíe %(jurisdiction)s, o ninguno.")


class ServiceCodeUnknown(NotFound):
    """Open311: there is no such `service_code`."""

    slug = "service-code-unknown"
    title = N_("Ese service_code no existe")
    detail = ""
    next_step = N_("Vea los que hay en services.")


class FormNotSupported(MediaTypeUnsupported):
    """Open311: a request is sent as a form without files."""

    slug = "form-not-supported"
    detail = N_("Se recibe application/x-www-form-urlencoded, sin archivos.")
    next_step = N_("Envíe los datos como formulario; las fotos se adjuntan en el portal.")


class DraftOpen(Conflict):
    """Open311: the person has begun one in the portal, with which this one isn't mixed; `folio` says which."""

    slug = "draft-open"
    title = N_("Tiene una queja o sugerencia sin enviar")
    detail = N_("La empezó en el portal, y no se mezcla con ésta.")
    next_step = N_("Envíela o descártela en el portal; luego repita esto.")
