"""Content of the printed document: snapshot, identifiers and surrounding text."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import segno

from app.certificates.sections import build_sections
from app.certificates.settings import SigningSettings, signing_settings
from app.certificates.snapshot import Snapshot
from app.certificates.words import GROUNDS, day, title_of
from app.kernel.i18n import DEFAULT, Language, _, use_language

VERIFY = "/verificar"
HALF = 5


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Identifiers of a document: its folio and code, and the request it answers."""

    folio: str
    code: str
    request_folio: str
    language: Language


def build_content(snapshot: Snapshot, identifiers: Identifiers) -> dict[str, Any]:
    """Build the content as plain JSON in its language, for the typesetter. The QR code is a separate drawing."""
    settings = signing_settings()
    with use_language(identifiers.language):
        return {
            "language": identifiers.language,
            "agency": settings.agency_name,
            "title": title_of(snapshot.template),
            "demonstration": None if settings.is_production else _("Documento de demostración, sin validez oficial."),
            "page_of": [_("Página"), _("de")],
            "person": _person(snapshot, identifiers),
            "lead": str(snapshot.text),
            "body": build_sections(snapshot),
            "ground": [_("Fundamento"), _(GROUNDS[snapshot.template])],
            "verification": _verification_block(settings, identifiers),
        }


def _person(snapshot: Snapshot, identifiers: Identifiers) -> list[list[str]]:
    person, unit = snapshot.person, snapshot.unit
    rows = [
        (_("Nombre"), person.name),
        (_("CURP"), person.curp),
        (_("Número de seguridad social"), person.nss),
        (_("Fecha de nacimiento"), day(person.birth_on)),
        (_("Unidad"), f"{unit.name} ({unit.clues})" if unit else None),
        (_("Trámite"), f"{snapshot.service_name} ({identifiers.request_folio})"),
        (_("Fecha de expedición"), day(snapshot.issued_on)),
        (_("Válida hasta"), day(snapshot.valid_until) if snapshot.valid_until else None),
    ]
    return [[label, value] for label, value in rows if value]


def _verification_block(settings: SigningSettings, identifiers: Identifiers) -> dict[str, Any]:
    page = _address(settings, identifiers.language)
    return {
        "title": _("Cómo comprobar que es auténtica"),
        "folio": [_("Folio"), identifiers.folio],
        "code": [_("Código"), format_code(identifiers.code)],
        "how": _("Lea el código QR, o abra esta página y escriba el folio y el código:"),
        "page": page,
        "picture": _("Código QR con la dirección para comprobar este documento"),
        "signed": _("Está firmada electrónicamente: si alguien cambia algo del archivo, la firma deja de ser válida."),
    }


def format_code(code: str) -> str:
    """Format the code in two groups, which are easier to copy."""
    return f"{code[:HALF]}-{code[HALF:]}"


def verification_url(identifiers: Identifiers) -> str:
    """Return the URL of the QR code: the public verification page with folio and code."""
    query = urlencode({"f": identifiers.folio, "c": identifiers.code})
    return f"{_address(signing_settings(), identifiers.language)}?{query}"


def _address(settings: SigningSettings, language: Language) -> str:
    prefix = "" if language == DEFAULT else f"/{language}"
    return f"{settings.base_url}{prefix}{VERIFY}"


def qr_svg(url: str) -> str:
    """A QR code (ISO/IEC 18004, level M: 15 % may be damaged) with its quiet zone, black on white."""
    out = io.BytesIO()
    drawn = {"border": 4, "light": "#fff", "xmldecl": False, "svgclass": None, "lineclass": None}
    segno.make(url, error="m", micro=False).save(out, kind="svg", **drawn)
    return out.getvalue().decode()
