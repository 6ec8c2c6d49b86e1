"""The words of staff's pages for requests: what happened, by whom; where one is; what a document's state is."""

from collections.abc import Mapping
from typing import Any

from app.kernel.i18n import N_, gettext
from app.requests.labels import CHECK_OUTCOMES, MESSAGE_KINDS, state_words

# What staff read of the same, by name where a member of staff acted. A key may end in a value of the event.
STAFF_EVENTS = {
    "request.started": N_("La persona empezó la solicitud"),
    "request.saved": N_("La persona guardó una página"),
    "request.submitted": N_("Recibida"),
    "request.referred": N_("Pasó a revisión"),
    "request.decided": N_("Decidida por %(name)s"),
    "request.decided:system": N_("La decidieron las reglas"),
    "request.approval-undone": N_("%(name)s deshizo la aprobación"),
    "request.refusal-proposed": N_("%(name)s propuso negarla"),
    "request.information-requested": N_("%(name)s pidió algo a la persona; el plazo se detuvo"),
    "request.answered": N_("La persona respondió; el plazo siguió"),
    "request.answer-due-soon": N_("Se le recordó que faltan 3 días para responder"),
    "request.due-date-moved": N_("Se le avisó que se decide más tarde"),
    "request.draft-left-open": N_("Se le recordó que la solicitud está sin enviar"),
    "request.lapsed": N_("La persona no respondió a tiempo"),
    "request.withdrawn": N_("La persona la retiró"),
    "request.appealed": N_("La persona pidió la revisión interna"),
    "request.visit-invited": N_("%(name)s hizo una cita en ventanilla; el plazo se detuvo"),
    "request.visit-moved": N_("La cita en ventanilla cambió de día"),
    "request.visit-cancelled": N_("Se canceló la cita en ventanilla; el plazo siguió"),
    "request.visit-attended": N_("La persona vino a la ventanilla; el plazo siguió"),
    "request.message-posted:citizen": N_("La persona escribió un mensaje"),
    "request.message-posted:staff": N_("%(name)s escribió a la persona"),
    "request.message-resolved": N_("%(name)s leyó el mensaje; no hacía falta contestar"),
    "request.document-received": N_("La persona adjuntó un documento"),
    "request.document-reviewed:accepted": N_("%(name)s aceptó un documento"),
    "request.document-reviewed:rejected": N_("%(name)s rechazó un documento"),
    "request.feedback-given": N_("La persona dio su opinión"),
    "work.claimed": N_("La tomó %(name)s"),
    "work.released:lapsed": N_("Volvió a la cola: a %(holder)s se le acabó el tiempo"),
    "work.released": N_("%(name)s la devolvió a la cola"),
    "work.assigned": N_("%(name)s la asignó a %(holder)s"),
    "work.transferred": N_("%(name)s la envió a otra unidad"),
    "work.escalated": N_("Venció y pasó a supervisión"),
}
# By the channel of an assistance: how a member of staff helped with what the person did.
HELPED = {
    "desk": N_("En ventanilla, con ayuda de %(name)s (%(role)s)"),
    "phone": N_("Por teléfono, con ayuda de %(name)s (%(role)s)"),
}
# Where a request is, as staff say it.
STAFF_STATES = {
    "waiting": N_("Esperamos a la persona"),
    "visit": N_("Citada en ventanilla"),
    "withdrawn": N_("La persona la retiró"),
    "lapsed": N_("Desechada: la persona no respondió a tiempo"),
}
STAFF_DOCUMENT_STATES = {
    "received": N_("Por revisar"),
    "accepted": N_("Documento aceptado"),
    "rejected": N_("Documento rechazado"),
}
STAFF_DOCUMENT_TAGS = {"accepted": "govuk-tag--green", "rejected": "govuk-tag--red", "received": "govuk-tag--blue"}
STAFF_CHECK_OUTCOMES = CHECK_OUTCOMES | {"unknown": N_("Por revisar")}
STAFF_MESSAGE_KINDS = MESSAGE_KINDS | {"ask": N_("Se le pidió")}


def staff_state_words(service_id: str, kind: str, outcome: str | None) -> str:
    """Where a request is, in the words of staff."""
    found = STAFF_STATES.get(outcome or kind)
    return gettext(found) if found else state_words(service_id, kind, outcome)


def event_key(type_: str, payload: Mapping[str, Any]) -> str:
    """The key of `STAFF_EVENTS` for an event."""
    match type_:
        case "request.document-reviewed":
            return f"{type_}:{payload.get('state')}"
        case "request.message-posted":
            return f"{type_}:{payload.get('by')}"
        case "work.released" if payload.get("lapsed"):
            return f"{type_}:lapsed"
    return type_
