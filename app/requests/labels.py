"""What a request, its documents, messages and history are called, for pages and the API alike."""

from app.catalog.loader import load_services, wording_of
from app.kernel.i18n import N_, gettext

REQUEST_STATES = {
    "draft": N_("Borrador"),
    "checking": N_("En revisión"),
    "review": N_("En revisión"),
    "waiting": N_("Necesitamos algo de usted"),
    "visit": N_("Tiene una cita en ventanilla"),
    "approved": N_("Aprobada"),
    "refused": N_("Negada"),
    "withdrawn": N_("Retirada"),
    "lapsed": N_("Desechada: no se respondió a tiempo"),
}
REQUEST_EVENTS = {
    "request.started": N_("Empezó la solicitud"),
    "request.submitted": N_("La recibimos"),
    "request.referred": N_("Pasó a revisión de una persona"),
    "request.decided": N_("Se decidió"),
    "request.approval-undone": N_("Se deshizo la aprobación; se revisa otra vez"),
    "request.refusal-proposed": N_("Pasó a una segunda revisión"),
    "request.information-requested": N_("Le pedimos algo; el plazo se detuvo"),
    "request.answered": N_("Respondió; el plazo siguió"),
    "request.answer-due-soon": N_("Le recordamos que faltan 3 días para responder"),
    "request.due-date-moved": N_("Le avisamos que se decide más tarde"),
    "request.draft-left-open": N_("Le recordamos que la solicitud está sin enviar"),
    "request.lapsed": N_("Se desechó: venció el plazo para responder"),
    "request.withdrawn": N_("La retiró"),
    "request.appealed": N_("Pidió la revisión interna"),
    "request.visit-invited": N_("Se hizo una cita en ventanilla; el plazo se detuvo"),
    "request.visit-moved": N_("La cita en ventanilla cambió de día"),
    "request.visit-cancelled": N_("Se canceló la cita en ventanilla; el plazo siguió"),
    "request.visit-attended": N_("Vino a la ventanilla; el plazo siguió"),
    "request.message-posted": N_("Hay un mensaje nuevo"),
    "request.document-received": N_("Recibimos un documento"),
    "request.document-reviewed": N_("Revisamos un documento"),
    "request.message-resolved": N_("Leímos su mensaje; no hacía falta contestar"),
    "request.feedback-given": N_("Dio su opinión"),
    "work.claimed": N_("Alguien empezó a atenderla"),
}
DOCUMENT_STATES = {
    "received": N_("Recibido"),
    "accepted": N_("Aceptado"),
    "rejected": N_("No sirve"),
}
CHECK_OUTCOMES = {
    "pass": N_("Cumple"),
    "fail": N_("No cumple"),
    "unknown": N_("Por revisar"),
    "reviewed": N_("Se revisó"),
}
MESSAGE_KINDS = {
    "message": N_("Mensaje"),
    "ask": N_("Le pedimos"),
    "answer": N_("Respuesta"),
    "appeal": N_("Petición de revisión interna"),
    "decision": N_("Decisión"),
    "note": N_("Nota interna"),
}


DECISIONS = {
    "approve": N_("Aprobar"),
    "refuse": N_("Negar"),
    "confirm": N_("Confirmar que se niega"),
    "refer": N_("Devolver a revisión"),
}
OUTCOME_OF = {"approve": "approved", "refuse": "refused", "confirm": "refused"}


def action_words(service_id: str, action: str) -> str:
    """What a decision is called on the officer's buttons."""
    wording = wording_of(service_id, OUTCOME_OF.get(action))
    return str(wording.action) if wording else gettext(DECISIONS[action])


ANSWERED = N_("Contestada")


def is_answer(service_id: str) -> bool:
    """Whether a service only says what the registry has: nothing is approved."""
    service = load_services().get(service_id)
    return service is not None and service.kind == "instant" and not service.result.effects


def state_words(service_id: str, kind: str, outcome: str | None) -> str:
    """Where a request is, in words: a complaint is answered rather than approved, and so is what only informs."""
    wording = wording_of(service_id, outcome)
    if wording is None and outcome == "approved" and is_answer(service_id):
        return gettext(ANSWERED)
    return str(wording.state) if wording else gettext(REQUEST_STATES.get(outcome or kind, outcome or kind))


ACTIONS = {
    "submit": N_("Enviar"),
    "answer": N_("Responder"),
    "withdraw": N_("Retirar esta solicitud"),
    "appeal": N_("Pedir la revisión interna"),
    "ask": N_("Pedir algo a la persona"),
    "invite": N_("Citar en ventanilla"),
    "attend": N_("Vino a la ventanilla"),
    "cancel": N_("Cancelar la cita en ventanilla"),
    "undo": N_("Deshacer la aprobación"),
}
"""What either side can do with a request, but for the decisions, which services may call otherwise."""


def action_text(service_id: str, action: str) -> str:
    """What an action of a workflow is called on a button."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action_words(service_id, action)
