"""A request of Open311 becomes a complaint, by the use cases of the portal's own requests."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.interop.open311.catalogue import ABOUT, SERVICE, STORY, UNIT, answers_of, require_code
from app.interop.open311.location import unit_meant
from app.interop.open311.problems import DraftOpen
from app.interop.open311.rules import attributes_of
from app.kernel.actor import Citizen
from app.kernel.i18n import N_, format_long_day, gettext
from app.kernel.problems import FieldError, Invalid
from app.requests.service.cases import Case
from app.requests.service.drafts import start
from app.requests.service.submission import submit

NOTICE = N_("Le contestamos por escrito a más tardar el %(day)s.")
NO_MEDIA = N_("Aquí no se reciben fotos: quite media_url y adjúntelas en el portal.")
NO_PERSON = N_("Es el número de una persona: el suyo, el de su familia o el de quien le dio su consentimiento.")
MISSING = N_("Falta este dato.")
NAMES = {ABOUT: "service_code", UNIT: "address_id", STORY: "description"}
"""What Open311 calls the answers that it has a field for."""


async def file_report(session: AsyncSession, actor: Citizen, items: list[tuple[str, str]]) -> Case:
    """Begin a complaint with what the form says, and submit it.

    Raises:
        ServiceCodeUnknown, Invalid; DraftOpen: one was begun in the portal. What `start` and `submit` raise.
    """
    given = dict(items)
    code = given.get("service_code", "").strip()
    if not code:
        raise Invalid(fields=[FieldError("service_code", MISSING, "missing")])
    require_code(code)
    if given.get("media_url", "").strip():
        raise Invalid(fields=[FieldError("media_url", NO_MEDIA, "media_not_taken")])
    person_id = _person(given.get("account_id", "").strip())
    unit = await unit_meant(session, given)
    answers: dict[str, Any] = answers_of(attributes_of(items), unit.timezone)
    answers |= {ABOUT: code, UNIT: str(unit.id), STORY: given.get("description", "")}
    try:
        case, is_new = await start(session, actor, SERVICE, person_id, answers)
        if not is_new:
            raise DraftOpen(extra={"folio": case.request.folio})
        return await submit(session, actor, case.request.folio)
    except Invalid as problem:
        raise Invalid(fields=[_renamed(one) for one in problem.fields]) from problem


def _person(account_id: str) -> UUID | None:
    try:
        return UUID(account_id) if account_id else None
    except ValueError as error:
        raise Invalid(fields=[FieldError("account_id", NO_PERSON, "uuid_parsing")]) from error


def _renamed(error: FieldError) -> FieldError:
    return FieldError(NAMES.get(error.field, f"attribute[{error.field}]"), error.message, error.code)


def made(case: Case) -> list[Mapping[str, Any]]:
    """What its sender gets: the folio, until when it is answered, and for whom it was sent."""
    row = case.request
    notice = gettext(NOTICE) % {"day": format_long_day(row.due_on)} if row.due_on else None
    return [{"service_request_id": row.folio, "service_notice": notice, "account_id": str(row.person_id)}]
