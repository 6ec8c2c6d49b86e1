"""What the script of the day sheet sends: entries recorded offline, and requests for numbers. Its form fields carry the
session's token; each entry has an id of its own, so that nothing else guards against sending twice."""

from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.desk.schemas.offline import BatchIn, EntryOut, NumberRangeIn, NumberRangeOut
from app.desk.service.number_ranges import reserve_numbers
from app.desk.service.offline import receive_entries
from app.identity.permissions import Action, require
from app.kernel.http.parameters import Tx
from app.kernel.http.responses import json_response
from app.kernel.problems import Invalid, NotFound
from app.web.browser import StaffWeb
from app.web.forms import SubmittedForm, WholeForm

router = APIRouter(prefix="/ventanilla/agenda")
ENTRIES = TypeAdapter(list[EntryOut])
Sent = TypeVar("Sent", bound=BaseModel)


@router.post("/pendientes")
async def entries_sent(actor: StaffWeb, tx: Tx, form: WholeForm) -> Response:
    """The same as over the API, for the signed-in person of the unit; the answer says what became of each entry."""
    require(actor, Action.ATTEND_PEOPLE)
    rows = await receive_entries(tx, actor, _unit(form), _read(form, BatchIn).sent())
    entries = [EntryOut.model_validate(row) for row in rows]
    return Response(ENTRIES.dump_json(entries), media_type="application/json")


@router.post("/numeros")
async def numbers_reserved(actor: StaffWeb, tx: Tx, form: WholeForm) -> Response:
    """The same as over the API."""
    require(actor, Action.ATTEND_PEOPLE)
    asked = _read(form, NumberRangeIn)
    made = await reserve_numbers(tx, actor, _unit(form), asked.device_id, asked.service, asked.count)
    return json_response(NumberRangeOut.model_validate(made), 201)


def _unit(form: SubmittedForm) -> UUID:
    try:
        return UUID(form.get("unidad"))
    except ValueError as error:
        raise NotFound from error


def _read(form: SubmittedForm, model: type[Sent]) -> Sent:
    try:
        return model.model_validate_json(form.get("json"))
    except ValidationError as error:
        raise Invalid from error
