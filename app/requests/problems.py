"""Problems of requests: each names its rule and what the person can do instead."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Forbidden, Invalid, map_constraint


class AlreadyOpen(Conflict):
    """The person has an open request for the same thing; `folio` says which."""

    slug = "already-open"
    title = N_("Ya hay una solicitud abierta para lo mismo")
    detail = N_("No hace falta pedirlo otra vez.")
    next_step = N_("Siga la que ya tiene con su folio.")


class DelegationNotAllowed(Forbidden):
    """This service can't be requested on another person's behalf in that capacity."""

    slug = "delegation-not-allowed"
    title = N_("Este trámite no se puede hacer por esa persona")
    detail = N_("La persona debe hacerlo ella misma o darle su consentimiento.")
    next_step = N_("Pídale que entre al portal y le dé permiso para este trámite.")


class DocumentsMissing(Invalid):
    """Documents that the answers call for aren't attached; `fields` names their kinds."""

    slug = "documents-missing"
    title = N_("Faltan documentos")
    detail = N_("Adjunte los documentos señalados.")


class DocumentNotExpected(Invalid):
    """The service doesn't ask for a document of that kind now."""

    slug = "document-not-expected"
    title = N_("Ese documento no se pide en este trámite")
    next_step = N_("Elija uno de los documentos de la lista.")


class FileMissing(Invalid):
    """The form was sent without a file."""

    slug = "file-missing"
    title = N_("Elija un archivo o tome una foto")
    detail = ""


class TooManyDocuments(Conflict):
    """More files than one request may have."""

    slug = "too-many-documents"
    title = N_("Ya hay demasiados archivos en esta solicitud")
    detail = ""
    next_step = N_("Quite los que no hagan falta.")


class WrongState(Conflict):
    """The request's state doesn't allow the transition."""

    slug = "wrong-state"
    title = N_("Eso no se puede hacer en este momento de la solicitud")
    detail = N_("La solicitud cambió o ya terminó.")
    next_step = N_("Vuelva a abrirla para ver cómo va.")
    yours = N_("Usted ya la decidió.")


class AppealTooLate(Conflict):
    """The time to ask for the internal review is over. The means that the law gives had terms of their own, which ran
    meanwhile: what is still open is named with its last day."""

    slug = "appeal-too-late"
    title = N_("Ya pasó el plazo para pedir la revisión interna")
    detail = N_("El plazo era de %(days)s días hábiles desde que surtió efectos la notificación.")
    next_step = N_("Puede presentar una solicitud nueva.")
    court_open = N_(
        "Puede presentar una solicitud nueva, o acudir al tribunal laboral hasta el %(court)s (Ley del Seguro Social,"
        " art. 295). El recurso de inconformidad tuvo su propio plazo, que terminó el %(council)s."
    )
    council_open = N_(
        "Puede presentar una solicitud nueva, un recurso de inconformidad ante el Consejo Consultivo Delegacional hasta"
        " el %(council)s (Ley del Seguro Social, art. 294), o acudir al tribunal laboral hasta el %(court)s (art. 295)."
    )


class AlreadyAppealed(Conflict):
    """The decision has its appeal already, which `folio` names: a decision is reviewed again once."""

    slug = "already-appealed"
    title = N_("Ya se pidió la revisión interna de esta decisión")
    detail = N_("La revisión interna de cada decisión se pide una sola vez.")
    next_step = N_("Siga la que ya pidió con el folio %(folio)s.")
    upheld = N_(
        "La decisión se mantuvo. El recurso de inconformidad y la demanda ante el tribunal laboral (Ley del Seguro"
        " Social, arts. 294 y 295) tienen sus propios plazos, que corrieron mientras se revisaba: vea en la solicitud"
        " hasta cuándo puede usarlos."
    )
    upheld_alone = N_("La decisión se mantuvo. Puede presentar otra solicitud.")
    withdrawn = N_("Usted la retiró. Puede empezar una solicitud nueva.")


class ReviewerExcluded(Forbidden):
    """Who helped a person with a request, or took part in its refusal, doesn't decide it."""

    slug = "reviewer-excluded"
    title = N_("Quien ya participó en la solicitud no puede decidirla")
    detail = N_("La debe ver una persona que no ayudó a su titular con ella ni tomó parte en la negativa.")
    next_step = N_("Déjela en la cola, asígnela a otra persona o envíela a otra unidad.")


class HelperIsOfficer(Forbidden):
    """A member of staff helps a person with a request that they have themselves, or took part in deciding."""

    slug = "helper-is-officer"
    title = N_("Usted atiende esta solicitud: no puede actuar por su titular")
    detail = N_("La tiene en su mesa, propuso su negativa o la decidió.")
    next_step = N_(
        "Pida a otra persona de la ventanilla que le ayude. Si la tiene en su mesa, también puede soltarla antes."
    )


class AnswersNoLongerValid(Conflict):
    """What was asked for can't be carried out as things are now; `fields` says which answers and why."""

    slug = "answers-not-valid"
    title = N_("Con estos datos ya no se puede aprobar")
    detail = N_("Algo cambió desde que se envió la solicitud.")
    next_step = N_("Pida a la persona que corrija esas respuestas, o niegue la solicitud con su motivo.")


class NotDecider(Forbidden):
    """Only who approved a request may undo it."""

    slug = "not-decider"
    title = N_("Sólo quien aprobó puede deshacer la aprobación")
    next_step = N_("Pídaselo a esa persona; si ya pasó el tiempo, hace falta otra solicitud.")


class UndoTooLate(Conflict):
    """The minutes in which an approval can be undone are over."""

    slug = "undo-too-late"
    title = N_("Ya pasó el tiempo para deshacer la aprobación")
    detail = N_("Se puede deshacer durante %(minutes)s minutos.")
    next_step = N_("Si algo está mal, la persona puede pedir que se cambie con otra solicitud.")


class ClaimNotHeld(Conflict):
    """Only the holder of the claim may decide; the lease may have expired."""

    slug = "claim-not-held"
    title = N_("Usted no tiene tomada esta solicitud")
    detail = N_("Otra persona la tiene, o se acabó el tiempo y volvió a la cola.")
    next_step = N_("Tómela otra vez de la cola.")


class MixedServices(Invalid):
    """Requests are decided together by the reasons of one service; some of those chosen are of another."""

    slug = "mixed-services"
    title = N_("Las seleccionadas no son todas del mismo trámite")
    detail = N_("Se deciden juntas con los motivos de un solo trámite: %(service)s.")
    next_step = N_("Quite estas de la selección y decídalas aparte: %(folios)s.")


class ClaimedByAnother(Conflict):
    """Another member of staff has claimed it."""

    slug = "claimed-by-another"
    title = N_("Otra persona tiene esta solicitud")
    detail = N_("La tomó antes de que usted la abriera o mientras la leía.")
    next_step = N_("Elija otra, o pida a su supervisor que se la asigne.")
    supervisor = N_("Elija otra, o devuélvala primero a la cola.")


class QueueEmpty(Conflict):
    """The queue is empty for this member of staff."""

    slug = "queue-empty"
    title = N_("No hay solicitudes en espera")
    detail = N_("No hay nada libre con esos filtros en sus unidades.")
    next_step = N_("Quite los filtros o vuelva en unos minutos.")


class ReasonUnknown(Invalid):
    """The reason isn't one of those the service has for that decision."""

    slug = "reason-unknown"
    title = N_("Ese motivo no es de este trámite")
    next_step = N_("Elija uno de los motivos de la lista.")


class SecondReviewerRequired(Conflict):
    """A refusal needs a second reviewer: not who proposed it."""

    slug = "second-reviewer-required"
    title = N_("Otra persona debe confirmarlo")
    detail = N_("Quien propuso negar no puede confirmar.")
    next_step = N_("Devuélvala a la cola para que la tome otro supervisor.")


class RequestOutOfScope(Forbidden):
    """The member of staff's role or unit doesn't include this request."""

    slug = "request-out-of-scope"
    title = N_("Esa solicitud no corresponde a su puesto o a su unidad")


class AssigneeIneligible(Forbidden):
    """The assignee's role or units don't include this request."""

    slug = "assignee-ineligible"
    title = N_("Esa persona no puede atender esta solicitud")
    detail = N_("Su puesto o sus unidades no la incluyen.")
    next_step = N_("Elija a otra persona, o envíe la solicitud a la unidad de esa persona.")


class UndoBlocked(Conflict):
    """To undo the approval would open the request again, and the person has another open for the same, `folio`."""

    slug = "undo-blocked"
    title = N_("La persona ya pidió lo mismo otra vez")
    detail = N_("Deshacer la aprobación abriría otra vez esta solicitud, y no puede haber dos abiertas de lo mismo.")
    next_step = N_("Atienda la otra, con el folio %(folio)s.")


class NothingToSearch(Invalid):
    """A search needs a folio, CURP, NSS, or at least a word of a name."""

    slug = "nothing-to-search"
    title = N_("Escriba un folio, una CURP, un NSS o un nombre")


map_constraint("uq_request_open", AlreadyOpen)
map_constraint("pk_appeal", AlreadyAppealed)
map_constraint("ck_work_item_holder_not_excluded", ReviewerExcluded)
map_constraint("ck_request_appeal_decided_by_others", ReviewerExcluded)
