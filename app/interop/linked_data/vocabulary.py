"""What both documents share: vocabularies, the agency, where and in which languages."""

from collections.abc import Iterable
from typing import Any

from app.catalog.definition import Text
from app.kernel.settings import get_settings
from app.places.settings import agency_settings

Node = dict[str, Any]
CONTEXT = {
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority"
"""Lists of codes of the EU's Publications Office, which both profiles name for languages and places."""
MEXICO = f"{AUTHORITY}/country/MEX"
LANGUAGES = {"es": f"{AUTHORITY}/language/SPA", "en": f"{AUTHORITY}/language/ENG"}


def address(path: str) -> str:
    """An absolute address of the portal."""
    return get_settings().base_url + path


def agency_id() -> str:
    """The agency's own address."""
    return address("/#agency")


def texts(text: Text) -> list[dict[str, str]]:
    """A text in both languages, with the figures of law of today."""
    return [spoken(language, value) for language, value in text.both().items()]


def spoken(language: str, value: str) -> dict[str, str]:
    """A text in one language."""
    return {"@language": language, "@value": value}


def named(ids: Iterable[str]) -> list[Node]:
    """References."""
    return [{"@id": one} for one in ids]


def document(nodes: Iterable[Node]) -> Node:
    """A document of these, and of the agency that they name."""
    agency = {
        "@id": agency_id(),
        "@type": ["cv:PublicOrganisation", "foaf:Agent"],
        "dct:identifier": agency_id(),
        "dct:title": [spoken("es", agency_settings().agency_name)],
        "skos:prefLabel": [spoken("es", agency_settings().agency_name)],
        "foaf:name": agency_settings().agency_name,
        "dct:spatial": {"@id": MEXICO},
    }
    shared = [
        agency,
        {"@id": MEXICO, "@type": "dct:Location"},
        *({"@id": one, "@type": "dct:LinguisticSystem"} for one in LANGUAGES.values()),
    ]
    return {"@context": CONTEXT, "@graph": [*nodes, *shared]}
