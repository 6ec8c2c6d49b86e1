"""JSON routes of the texts of messages, for administrators."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.identity.dependencies import StaffApi
from app.identity.problems import WrongRole
from app.kernel.actor import Staff
from app.kernel.etags import etag, versions_of
from app.kernel.http.openapi import problem_responses
from app.kernel.http.parameters import IdempotencyKey, IfMatch, Read, Tx
from app.kernel.http.responses import idempotent_response, json_response
from app.kernel.i18n import language
from app.kernel.problems import Invalid, KeyReused, NotFound, PreconditionRequired, Stale, TooManyRequests, Unauthorized
from app.notifications.problems import TextsInvalid
from app.notifications.templates import editing, views
from app.notifications.templates.declarations import Template, Wordings
from app.notifications.templates.editing import TestSend, normal_wordings, require_valid, template_of
from app.notifications.templates.schemas import (
    DatumOut,
    ListedTemplateOut,
    PreviewOut,
    RestoreIn,
    TemplateOut,
    TestIn,
    TestOut,
    VersionOut,
    WordingOut,
    WordingsIn,
    WordingsOut,
)

router = APIRouter(prefix="/api/v1/message-texts", tags=["messages"])

STAFF = (Unauthorized, WrongRole)
TemplateId = Annotated[str, Path(max_length=60, examples=["appointment.booked"])]


@router.get("", operation_id="list_message_texts", summary="The texts of messages", responses=problem_responses(*STAFF))
async def list_message_texts(actor: StaffApi, read: Read) -> list[ListedTemplateOut]:
    """Each with the version in force."""
    return [ListedTemplateOut.model_validate(one) for one in await views.list_templates(read, actor)]


@router.get(
    "/{template_id}",
    operation_id="get_message_texts",
    summary="The texts of a message",
    responses=problem_responses(*STAFF, NotFound),
)
async def get_message_texts(actor: StaffApi, read: Read, template_id: TemplateId, response: Response) -> TemplateOut:
    """Its ETag is the version to send in If-Match."""
    out = await _template(read, actor, template_id)
    response.headers["ETag"] = etag(out.version)
    return out


@router.put(
    "/{template_id}",
    operation_id="change_message_texts",
    summary="Change the texts of a message",
    response_model=TemplateOut,
    responses=problem_responses(*STAFF, NotFound, TextsInvalid, PreconditionRequired, Stale),
)
async def change_message_texts(
    actor: StaffApi, tx: Tx, template_id: TemplateId, body: WordingsIn, if_match: IfMatch = None
) -> Response:
    """A new version, in use within seconds; the same texts again make none."""
    typed = body.wordings(template_of(template_id))
    version = await editing.save_texts(tx, actor, template_id, typed, versions_of(if_match))
    return json_response(await _template(tx, actor, template_id), 200, version=version)


@router.post(
    "/{template_id}/restore",
    operation_id="restore_message_texts",
    summary="Use earlier texts again",
    response_model=TemplateOut,
    responses=problem_responses(*STAFF, NotFound, TextsInvalid, PreconditionRequired, Stale, KeyReused),
)
async def restore_message_texts(
    actor: StaffApi,
    tx: Tx,
    template_id: TemplateId,
    body: RestoreIn,
    key: IdempotencyKey,
    request: Request,
    if_match: IfMatch = None,
) -> Response:
    """Those of an earlier version, or of version 0, the default, become a new version."""
    expected = versions_of(if_match)

    async def make() -> Response:
        version = await editing.restore_texts(tx, actor, template_id, body.version, expected)
        return json_response(await _template(tx, actor, template_id), 200, version=version)

    return await idempotent_response(tx, actor, key, request, make)


@router.get(
    "/{template_id}/versions",
    operation_id="list_message_text_versions",
    summary="The versions of a message's texts",
    responses=problem_responses(*STAFF, NotFound),
)
async def list_message_text_versions(actor: StaffApi, read: Read, template_id: TemplateId) -> list[VersionOut]:
    """The latest first, at most a hundred, and the default."""
    found = await views.list_versions(read, actor, template_of(template_id))
    return [VersionOut.model_validate(one) for one in found]


@router.post(
    "/{template_id}/preview",
    operation_id="preview_message_texts",
    summary="How texts look with sample data",
    responses=problem_responses(*STAFF, NotFound, TextsInvalid),
)
async def preview_message_texts(
    actor: StaffApi, read: Read, template_id: TemplateId, body: WordingsIn
) -> list[PreviewOut]:
    """In each language and each case in which the message is sent. Nothing is stored."""
    template = (await views.shown_template(read, actor, template_of(template_id))).template
    wordings = normal_wordings(body.wordings(template))
    require_valid(template, wordings)
    return [PreviewOut.model_validate(one) for one in views.previews(template, wordings)]


@router.post(
    "/{template_id}/test",
    operation_id="test_message_texts",
    summary="Send a test of texts",
    status_code=202,
    response_model=TestOut,
    responses=problem_responses(*STAFF, NotFound, TextsInvalid, Invalid, KeyReused, TooManyRequests),
)
async def test_message_texts(
    actor: StaffApi, tx: Tx, template_id: TemplateId, body: TestIn, key: IdempotencyKey, request: Request
) -> Response:
    """With sample data, to a contact of yours: five at once, then one in twelve minutes."""

    async def make() -> Response:
        test, typed = TestSend(body.language, body.channel, body.to), body.wordings(template_of(template_id))
        return json_response(TestOut(message_id=await editing.send_test(tx, actor, template_id, typed, test)), 202)

    return await idempotent_response(tx, actor, key, request, make)


async def _template(session: AsyncSession, actor: Staff, template_id: str) -> TemplateOut:
    shown = await views.shown_template(session, actor, template_of(template_id))
    template = shown.template
    return TemplateOut(
        id=template.id,
        event=template.event,
        name=template.name[language()],
        version=shown.version,
        texts=_wordings(shown.wordings),
        default_texts=_wordings(template.defaults),
        data=_data(template),
    )


def _wordings(wordings: Wordings) -> WordingsOut:
    return WordingsOut(es=WordingOut.model_validate(wordings["es"]), en=WordingOut.model_validate(wordings["en"]))


def _data(template: Template) -> list[DatumOut]:
    return [
        DatumOut(
            name=one.name,
            kind=one.kind,
            meaning=one.meaning[language()],
            sample=one.sample[language()],
            allowed_in=[part for part in template.parts if part in one.parts],
            required_in=[part for part in template.parts if one.name in template.required.get(part, ())],
        )
        for one in template.data.values()
    ]
