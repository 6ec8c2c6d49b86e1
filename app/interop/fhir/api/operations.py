"""`$find`, `$hold` and `$book` of the scheduling profile of IHE (ITI-115 to 117)."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response

from app.identity.dependencies import LowPersonApi, LowPersonToken, PersonToken
from app.interop.fhir import identifiers
from app.interop.fhir.booking import Keys, book_proposal, hold_proposal
from app.interop.fhir.bundles import IGNORED, entry, of_operation, searchset
from app.interop.fhir.exchange import NEGOTIATED, answer, read_resource
from app.interop.fhir.finding import find_times
from app.interop.fhir.outcomes import outcome_of, warning
from app.interop.fhir.parameters import OperationParameters, require_reference
from app.interop.fhir.resources.appointments import Facts, appointment
from app.interop.fhir.search import DEFAULT_COUNT, MAX_COUNT, Search
from app.interop.fhir.systems import PATH
from app.kernel.db import grouped_statements
from app.kernel.http.parameters import Read
from app.kernel.http.responses import request_fingerprint
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import whole_number
from app.kernel.problems import FieldError, Invalid, NotFound
from app.registry.access_log import ViewContext, record_views_now
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix=PATH, include_in_schema=False, dependencies=[NEGOTIATED])

OptionalKey = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=8, max_length=250, pattern=r"^[\x21-\x7e]+$"),
]
HELD = N_("Se guarda hasta %(until)s.")


@router.get("/Appointment/$find", dependencies=[RECORDS_VIEWS])
@router.post("/Appointment/$find", dependencies=[RECORDS_VIEWS])
async def find_appointments(actor: LowPersonApi, read: Read, request: Request) -> Response:
    """Times that the person may have between two instants, as proposed appointments."""
    if request.method == "GET":
        given = OperationParameters(request.query_params.multi_items())
    else:
        given = OperationParameters.of_resource(await read_resource(request, "Parameters"))
    count = _count(request, given)
    found = await find_times(read, actor, given)
    shown = [appointment(one) for one in found.times[:count]]
    search = Search(count=max(count, 1))
    made = searchset(
        "Appointment/$find", search, shown, total=len(found.times), items=request.query_params.multi_items()
    )
    extra = []
    if found.refusal is not None:
        outcome = outcome_of(found.refusal)
        outcome["issue"][0]["severity"] = "warning"
        extra.append(outcome)
    if found.ignored:
        extra.append(warning(gettext(IGNORED) % {"names": ", ".join(found.ignored)}))
    if extra:
        made["entry"] = [*made.get("entry", []), *(entry(one, "outcome") for one in extra)]
    return answer(made)


def _count(request: Request, given: OperationParameters) -> int:
    texts = [*request.query_params.getlist("_count"), *given.texts("_count")]
    try:
        return min(whole_number(texts[0]), MAX_COUNT) if texts else DEFAULT_COUNT
    except ValueError as error:
        raise Invalid(fields=[FieldError("_count", N_("Debe ser un número entero."), "int_parsing")]) from error


@router.post("/Appointment/$hold")
async def hold_appointment(token: LowPersonToken, request: Request, key: OptionalKey = None) -> Response:
    """Hold the time of a proposed appointment for some minutes; holding another of the service releases it."""
    proposal = await _proposal(request)
    keys = Keys(key, await request_fingerprint(request))
    facts = await hold_proposal(grouped_statements(), token, proposal, keys)
    resource = appointment(facts)
    until = {"until": resource["extension"][0]["valueInstant"]}
    issue = {"severity": "information", "code": "informational", "diagnostics": gettext(HELD) % until}
    return await _shown(token, facts, of_operation(resource, {"resourceType": "OperationOutcome", "issue": [issue]}))


@router.post("/Appointment/$book")
async def book_appointment(token: LowPersonToken, request: Request, key: OptionalKey = None) -> Response:
    """Book the time that is held, or, without a hold, at once. A repetition returns the same appointment."""
    proposal = await _proposal(request)
    keys = Keys(key, await request_fingerprint(request))
    facts, _is_new = await book_proposal(grouped_statements(), token, proposal, keys)
    return await _shown(token, facts, of_operation(appointment(facts)))


async def _proposal(request: Request) -> identifiers.Proposal:
    given = OperationParameters.of_resource(await read_resource(request, "Parameters"))
    id_ = require_reference(given, "appointment-reference", "Appointment")
    try:
        return identifiers.parse_proposal_id(id_)
    except ValueError as error:
        raise NotFound from error


async def _shown(token: PersonToken, facts: Facts, bundle: dict[str, Any]) -> Response:
    assert facts.person_id is not None
    await record_views_now(token.actor, ViewContext.APPOINTMENT, {facts.person_id: facts.unit_id})
    return answer(bundle)
