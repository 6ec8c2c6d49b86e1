"""Refusals of FHIR's own forms."""

from app.kernel.i18n import N_
from app.kernel.problems import BadRequest, Invalid, Problem


class FormatNotAcceptable(Problem):
    """FHIR resources are given as JSON only."""

    slug = "format-not-acceptable"
    status = 406
    title = N_("Ese formato no se ofrece")
    detail = N_("Los recursos FHIR se dan en JSON.")
    next_step = N_("Pida application/fhir+json en Accept o en _format.")


class FormatNotSupported(Problem):
    """FHIR resources are taken as JSON only."""

    slug = "format-not-supported"
    status = 415
    title = N_("Ese formato no se acepta")
    detail = N_("Los recursos FHIR se reciben en JSON.")
    next_step = N_("Envíe el recurso como application/fhir+json; un cambio parcial, como application/json-patch+json.")


class ResourceUnreadable(BadRequest):
    """The body isn't the resource that this address takes."""

    slug = "resource-unreadable"
    title = N_("Ese recurso no se pudo leer")
    detail = N_("Aquí se recibe un recurso %(kind)s en JSON.")


class SearchNotSupported(BadRequest):
    """A search parameter or modifier that isn't supported; with `Prefer: handling=lenient`, unknown parameters are
    ignored."""

    slug = "search-not-supported"
    title = N_("Esa búsqueda no se puede hacer")
    detail = N_("No se admite: %(names)s.")
    next_step = N_("Vea en la declaración de capacidades (metadata) los parámetros de cada recurso.")


class SearchTooBroad(BadRequest):
    """The search is of too much at once: it needs one of the parameters that the detail names."""

    slug = "search-too-broad"
    title = N_("Esa búsqueda abarca demasiado")
    detail = N_("Hace falta uno de estos parámetros: %(names)s.")
    next_step = N_("Busque en una unidad o en una agenda.")


class ChangeNotSupported(Invalid):
    """An appointment can be moved or cancelled; `fields` says what else was changed."""

    slug = "change-not-supported"
    title = N_("Ese cambio no se puede hacer")
    detail = N_("De una cita se puede cambiar el horario, o cancelarla.")
    next_step = N_("Lea la cita otra vez y cambie sólo slot y start, o status.")
