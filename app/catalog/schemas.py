"""What crosses HTTP about services: the definition, in the language asked for."""

from typing import Any, Literal

from pydantic import BaseModel

from app.catalog.challenges import Means, means_of
from app.catalog.definition import Format, Service, TermStatus
from app.kernel.actor import Assurance


class ServiceDocumentOut(BaseModel):
    """A document that may be asked for. `when` lists the answers that make it needed; empty means always."""

    kind: str
    name: str
    formats: list[Format]
    max_mb: int
    required: bool
    when: dict[str, list[Any]]


class RuleOut(BaseModel):
    """A condition to qualify, its source, and how sure we are of it. `when` lists the answers that make it apply."""

    text: str
    basis: str
    source: str
    status: TermStatus
    when: dict[str, list[Any]]


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
    kind: Literal["instant", "automatic", "reviewed"]
    group: Literal["numbers", "certificates", "clinic", "family", "money", "voice"]
    working_days: int
    on_behalf: list[Literal["self", "family", "mandate"]]
    assurance: Assurance
    """The level of assurance it needs: at the full one the caller proved a contact on file, or came to the desk."""


class ServiceDetailOut(ServiceOut):
    """A service with its form (JSON Schema 2020-12), conditions and documents."""

    form: dict[str, Any]
    rules: list[RuleOut]
    documents: list[ServiceDocumentOut]
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
        form=service.form.json_schema,
        rules=[
            RuleOut(text=str(one.text), basis=str(one.basis), source=one.source, status=one.status, when=one.when)
            for one in service.eligibility
        ],
        documents=[
            ServiceDocumentOut(
                kind=one.kind,
                name=str(one.name),
                formats=list(one.formats),
                max_mb=one.max_mb,
                required=one.required,
                when=one.when,
            )
            for one in service.documents
        ],
        certificate=service.result.certificate,
        appeal_days=service.appeal.working_days if service.appeal else None,
        challenges=[_means_out(one) for one in means_of(service)],
        feedback=str(service.feedback.question),
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
