"""The catalogue as public services of CPSV-AP 3.2: who qualifies, what is needed, what it gives and where."""

from app.catalog.definition import Service, Text
from app.catalog.loader import load_services
from app.interop.linked_data.vocabulary import LANGUAGES, MEXICO, Node, address, agency_id, document, named, texts


def services_document() -> Node:
    """Every service."""
    return document(_service(one) for one in load_services().values())


def _service(service: Service) -> Node:
    page = address(f"/tramites/{service.id}")
    conditions = {"who-qualifies": service.who_qualifies} | {
        f"condition-{number}": one.text for number, one in enumerate(service.eligibility, start=1)
    }
    return {
        "@id": f"{page}#service",
        "@type": "cpsv:PublicService",
        "dct:identifier": service.id,
        "dct:title": texts(service.name),
        "dct:description": texts(service.summary),
        "dct:language": named(LANGUAGES.values()),
        "dct:spatial": {"@id": MEXICO},
        "cv:hasCompetentAuthority": {"@id": agency_id()},
        "foaf:page": {"@id": page, "@type": "foaf:Document"},
        "cv:hasChannel": {"@id": f"{page}#web", "@type": "cv:Channel", "dct:identifier": f"{service.id}/web"},
        "cpsv:produces": _part(service, page, "result", "cv:Output", service.result.text),
        "cv:holdsRequirement": [_part(service, page, name, "cv:Requirement", one) for name, one in conditions.items()],
        "cpsv:hasInput": [_part(service, page, one.kind, "cv:Evidence", one.name) for one in service.documents],
    }


def _part(service: Service, page: str, name: str, kind: str, title: Text) -> Node:
    """What belongs to a service."""
    identifier = f"{service.id}/{name}"
    return {"@id": f"{page}#{name}", "@type": kind, "dct:identifier": identifier, "dct:title": texts(title)}
