"""Decided requests, with what a decision keeps for the certificate."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalog.loader import load_services
from app.catalog.service import publish
from app.certificates.content import Identifiers, build_content, qr_svg, verification_url
from app.certificates.rendering import render
from app.certificates.snapshot import Snapshot
from app.kernel import ids
from app.kernel.i18n import Language
from app.registry.models import Person
from app.requests.models import Request
from tests.certificates.pdf_reader import PdfDocument

DECIDED = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
NSS = "12345678903"
FACTS: dict[str, dict[str, Any]] = {
    "nss": {"nss": NSS},
    "vigencia": {
        "in_force": True,
        "until": "2026-12-01",
        "reason": "conserved",
        "dependants": [
            {"name": "Ángela Ñúñez", "kinship": "child", "until": None},
            {"name": "José Peña", "kinship": "parent", "until": "2026-12-24"},
        ],
    },
    "weeks": {
        "weeks": 1043,
        "days": 7300,
        "withdrawn": 12,
        "periods": [{"employer": "Y6051234567", "starts_on": "2001-02-03", "ends_on": None, "days": 7300}],
    },
    "sick-leave": {
        "leaves": [
            {
                "folio": "IT998877",
                "kind": "maternity",
                "starts_on": "2026-03-04",
                "days": 84,
                "paid_days": 83,
                "payment": "41234.50",
            }
        ],
        "total": "41234.50",
    },
    "not-insured": {},
    "resolution": {
        "rows": [{"label": {"es": "Clínica nueva", "en": "New clinic"}, "value": "UMF 9 Ñandú"}],
        "reasons": [{"es": "El domicilio corresponde.", "en": "The address matches."}],
    },
}
_GROUND = {"es": "Ley del Seguro Social, art. 154", "en": "Ley del Seguro Social, art. 154"}
FACTS["refusal"] = {
    "reasons": [{"text": {"es": "Faltan semanas.", "en": "Weeks are missing."}, "ground": _GROUND}],
    "found": [{"es": "Tiene 612 semanas.", "en": "You have 612 weeks."}],
    "words": "Lo sentimos, doña Ñandú.",
    "rows": [{"label": {"es": "Semanas", "en": "Weeks"}, "value": "612"}],
    "use": {"es": "Con ella puede retirar su saldo.", "en": "With it you can withdraw your balance."},
    "use_basis": _GROUND,
    "notified_on": "2026-11-26",
    "made_on": "2026-11-27",
    "takes_effect_on": "2026-11-27",
    "means": [
        {
            "name": {"es": "Recurso de inconformidad", "en": "Recurso de inconformidad"},
            "authority": {"es": "Consejo Consultivo", "en": "Council"},
            "note": {"es": "Por escrito.", "en": "In writing."},
            "basis": {"es": "Art. 294", "en": "Art. 294"},
            "last_day": "2026-12-18",
        }
    ],
}
FACTS["pension-refusal"] = FACTS["answer"] = FACTS["refusal"]
# The service that gives each kind.
SERVICES = {
    "nss": "nss-find",
    "vigencia": "vigencia",
    "weeks": "weeks",
    "sick-leave": "sick-leave",
    "not-insured": "not-insured",
    "resolution": "clinic-change",
    "refusal": "unemployment",
    "pension-refusal": "pension",
    "answer": "complaint",
}


def periods(count: int) -> list[dict[str, Any]]:
    """Return periods of work, a year each."""
    return [
        {"employer": f"Y{year:04d}12345", "starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31", "days": 365}
        for year in range(1960, 1960 + count)
    ]


def result(template: str = "vigencia", *, name: str = "Ana Núñez Peña", **more: Any) -> dict[str, Any]:
    """What a decision keeps."""
    return {
        "template": template,
        "service_name": {"es": "Trámite de préstamo", "en": "Service of the test"},
        "text": {"es": "Así consta hoy.", "en": "So it is on record today."},
        "issued_on": "2026-11-25",
        "valid_until": "2026-12-25",
        "person": {"name": name, "curp": "NUPA900517MDFXXN07", "nss": NSS, "birth_on": "1990-05-17"},
        "unit": {"name": "UMF 27 Ahuehuete", "clues": "DFIMS000027"},
        "facts": FACTS[template],
    } | more


def request(person_id: UUID, template: str = "vigencia", *, decided_at: datetime = DECIDED, **more: Any) -> Request:
    """An approved request that isn't in the database: enough to issue from."""
    given: dict[str, Any] = {
        "person_id": person_id,
        "id": ids.new_id(),
        "folio": ids.new_folio("R"),
        "service": SERVICES[template],
        "service_version": load_services()[SERVICES[template]].version,
        "outcome": "approved",
        "result": result(template),
        "decided_at": decided_at,
        "unit_id": None,
    }
    return Request(**(given | more))


async def stored_request(session: AsyncSession, person: Person, template: str = "vigencia", **more: Any) -> Request:
    """The same as a row."""
    await publish(session)
    made = request(person.id, template, unit_id=person.unit_id)
    rest: dict[str, Any] = {
        "status": "approved",
        "kind": "final",
        "applicant_id": person.id,
        "acting_as": "self",
        "channel": "api",
        "answers": {},
        "created_at": DECIDED,
        "changed_at": DECIDED,
        "submitted_at": DECIDED,
    }
    for field, value in (rest | more).items():
        setattr(made, field, value)
    session.add(made)
    await session.flush()
    return made


def identifiers(language: Language = "es") -> Identifiers:
    return Identifiers("K-7K3M9-QXT2F-R", "0A1B2C3D4E", "R-00000-00001-1", language)


def document_pdf(template: str, language: Language = "es", **more: Any) -> PdfDocument:
    """The unsigned page of a kind of certificate."""
    snapshot = Snapshot.model_validate(result(template, **more))
    printed = build_content(snapshot, identifiers(language))
    return PdfDocument(render(snapshot.template, printed, qr_svg(verification_url(identifiers(language))), at=DECIDED))
