"""What crosses HTTP about services: the definition, in the language asked for."""

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel

from app.catalog.challenges import Means, means_of
from app.catalog.definition import DocumentAsked, Format, Group, Kind, Service, TermStatus
from app.catalog.form_schemas import (
    AnswerConditions,
    AtLeastOneOut,
    FormPageOut,
    ServiceDecisionOut,
    at_least_one_out,
    attestation_of,
    decision_out,
    pages_out,
)
from app.kernel.actor import Assurance

MEDIA_TYPES: dict[str, tuple[str, ...]] = {
    "jpeg": ("image/jpeg", "image/heic", "image/heif"),
    "png": ("image/png",),
    "webp": ("image/webp",),
    "pdf": ("application/pdf",),
}
"""What a file of a format may be sent as: photographs of telephones are stored as JPEG."""


def media_types_of(formats: Iterable[Format]) -> list[str]:
    """What a file of one of these formats may be sent as."""
    return [media_type for one in formats for media_type in MEDIA_TYPES[one]]


class ServiceDocumentOut(BaseModel):
    """A document that may be asked for while `when` holds. Names there that begin with an underscore are no answers but
    facts that only the portal knows: `required_documents` of a draft says whether it asks for the document.
    `media_types`: what a file may be sent as."""

    kind: str
    name: str
    hint: str | None
    formats: list[Format]
    media_types: list[str]
    max_mb: int
    required: bool
    when: AnswerConditions


class RuleOut(BaseModel):
    """A condition to qualify, its source, and how sure we are of it, while `when` holds."""

    text: str
    basis: str
    source: str
    status: TermStatus
    when: AnswerConditions


class MeansOut(BaseModel):
    """What can be done against a refusal, and within which term from its notification: the portal's `internal-review`,
    which stops no other term, the recurso de inconformidad (`inconformity`), or the `labour-court`."""

    id: str
    name: str
    authority: str
    working_days: int | None
    years: int | None
    note: str
    basis: str
    source: str
    status: TermStatus


class ServiceOut(BaseModel):
    """A service, in short."""

    id: str
    version: int
    name: str
    summary: str
    who_qualifies: str
    kind: Kind
    group: Group
    working_days: int
    on_behalf: list[Literal["self", "family", "mandate"]]
    assurance: Assurance
    """The level of assurance it needs: at the full one the caller proved a contact on file, or came to the desk."""


class TargetCaseOut(BaseModel):
    """The working days that a request has instead, while `when` holds."""

    when: AnswerConditions
    working_days: int
    text: str


class ServiceDetailOut(ServiceOut):
    """A service with all that a program needs to show it, without a text of its own. `form`: what valid answers are
    (JSON Schema 2020-12); `pages`: how they are asked for; `at_least_one`: questions of which any will do.
    `attestation`: what who submits a request declares by doing so. `decision`: who decides, by which reasons. `result`:
    what an approval gives, in words. `working_days_by_answer`: the first whose conditions hold counts instead of
    `working_days`."""

    working_days_by_answer: list[TargetCaseOut]
    form: dict[str, Any]
    pages: list[FormPageOut]
    at_least_one: list[AtLeastOneOut]
    attestation: str | None
    rules: list[RuleOut]
    documents: list[ServiceDocumentOut]
    decision: ServiceDecisionOut
    result: str
    certificate: str | None
    appeal_days: int | None
    """Working days to ask for the internal review of a refusal; `challenges` has it, and the means of the law."""
    challenges: list[MeansOut]
    feedback: str


def service_out(service: Service) -> ServiceOut:
    """A service in the current language."""
    return ServiceOut(**_short(service))


def service_detail_out(service: Service) -> ServiceDetailOut:
    """A service with all a client needs to file it."""
    return ServiceDetailOut(
        **_short(service),
        working_days_by_answer=[
            TargetCaseOut(when=one.when, working_days=one.working_days, text=str(one.text))
            for one in service.target.by_answer
        ],
        form=service.form.json_schema,
        pages=pages_out(service),
        at_least_one=at_least_one_out(service),
        attestation=attestation_of(service),
        rules=[
            RuleOut(text=str(one.text), basis=str(one.basis), source=one.source, status=one.status, when=one.when)
            for one in service.eligibility
        ],
        documents=[_document_out(one) for one in service.documents],
        decision=decision_out(service),
        result=str(service.result.text),
        certificate=service.result.certificate,
        appeal_days=service.appeal.working_days if service.appeal else None,
        challenges=[_means_out(one) for one in means_of(service)],
        feedback=str(service.feedback.question),
    )


def _document_out(document: DocumentAsked) -> ServiceDocumentOut:
    return ServiceDocumentOut(
        kind=document.kind,
        name=str(document.name),
        hint=str(document.hint) if document.hint else None,
        formats=list(document.formats),
        media_types=media_types_of(document.formats),
        max_mb=document.max_mb,
        required=document.required,
        when=document.when,
    )


def _means_out(means: Means) -> MeansOut:
    return MeansOut(
        id=means.id,
        name=str(means.name),
        authority=str(means.authority),
        working_days=means.working_days,
        years=means.years,
        note=str(means.note),
        basis=str(means.basis),
        source=means.source,
        status=means.status,
    )


def _short(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "version": service.version,
        "name": str(service.name),
        "summary": str(service.summary),
        "who_qualifies": str(service.who_qualifies),
        "kind": service.kind,
        "group": service.group,
        "working_days": service.target.working_days,
        "on_behalf": list(service.on_behalf),
        "assurance": service.assurance,
    }
