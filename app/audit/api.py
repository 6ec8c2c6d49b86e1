"""Routes for administrators: the access log."""

from fastapi import APIRouter, Request, Response

from app.audit import service
from app.audit.schemas import AccessSearchIn, NamedAccessOut
from app.identity.dependencies import StaffApi
from app.identity.permissions import Action, require
from app.identity.problems import WrongRole
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import PageQuery, Tx
from app.kernel.http.responses import set_links
from app.kernel.i18n import N_
from app.kernel.paging import encode_cursor, id_after
from app.kernel.problems import FieldError, Invalid, NotFound, Unauthorized
from app.registry.access_history import ViewFilter
from app.registry.view_recording import RECORDS_VIEWS

router = APIRouter(prefix="/api/v1/accesses", tags=["audit"], dependencies=[RECORDS_VIEWS])


@router.post(
    "/search",
    operation_id="search_accesses",
    summary="Who saw whose data",
    responses=problem_responses(Unauthorized, WrongRole, NotFound, Invalid),
)
async def search_accesses(
    actor: StaffApi, tx: Tx, body: AccessSearchIn, page: PageQuery, request: Request, response: Response
) -> list[NamedAccessOut]:
    """One entry per person, reader and hour, latest first, within the administrator's units. Parameters are sent in the
    body, since URLs are logged; the next page takes the same body. The query itself is recorded."""
    require(actor, Action.READ_ACCESS_LOG)
    service.require_subject(body.model_dump(exclude={"since", "until"}), "who")
    if body.since and body.until and body.until < body.since:
        raise Invalid(
            fields=[
                FieldError("until", N_("La última fecha debe ser igual o posterior a la primera."), "last_before_first")
            ]
        )
    person_id, reader_id = body.person_id, body.reader_id
    if body.who is not None:
        person_id = await service.person_meant(tx, actor, body.who, "who")
    if body.username is not None:
        reader_id = await service.reader_meant(tx, body.username, "username")
    wanted = ViewFilter(person_id, reader_id, body.since, body.until)
    rows = await service.accesses(tx, actor, wanted, limit=page.limit, after=id_after(page.after))
    shown = rows[: page.limit]
    set_links(response, request, encode_cursor(str(shown[-1].id)) if len(rows) > page.limit else None)
    return [NamedAccessOut.model_validate(row) for row in shown]
