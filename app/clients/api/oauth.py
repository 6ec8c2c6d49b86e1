"""OAuth 2.0 for programs: client credentials (RFC 6749, 4.4), revocation (RFC 7009), metadata (RFC 8414).

Bodies are forms and refusals have the words of RFC 6749, as clients' libraries expect; 429 and 5xx are problems.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.clients.rules import ALGORITHMS, ASSERTION_TYPE, GRANT_TYPE, ApiScope
from app.clients.schemas import OAuthErrorOut, ServerMetadataOut, TokenOut
from app.clients.service import tokens
from app.clients.service.proofs import MAX_PARAMETER, REVOCATION_PATH, TOKEN_PATH, OAuthRefusal, issuer
from app.identity.dependencies import AnonymousApi
from app.kernel.http.openapi import problem_responses
from app.kernel.http.pages import PLAIN, page_form
from app.kernel.http.parameters import Tx
from app.kernel.http.responses import json_response
from app.kernel.problems import BadRequest, Unauthorized

router = APIRouter(tags=["oauth"])

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
CHALLENGE = {"WWW-Authenticate": 'Basic realm="oauth", charset="UTF-8"'}


def _error_responses() -> dict[int | str, dict[str, Any]]:
    """400 and 401 as RFC 6749 writes them, beside the problems that any route may answer."""
    made = problem_responses(BadRequest, Unauthorized)
    for answer in made.values():
        answer["content"]["application/json"] = {"schema": OAuthErrorOut.model_json_schema()}
    return made


def _body(required: list[str], properties: dict[str, str]) -> dict[str, Any]:
    """The form of a request; who sends Authorization leaves the credential out."""
    named = properties | {
        "client_id": "Of the client, when its secret is sent here.",
        "client_secret": "Its secret, unless it is in Authorization.",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": "A JWT that the client signed, instead of a secret.",
    }
    schema = {
        "type": "object",
        "required": required,
        "properties": {name: {"type": "string", "description": text} for name, text in named.items()},
    }
    return {"requestBody": {"required": True, "content": {PLAIN: {"schema": schema}}}}


@router.post(
    TOKEN_PATH,
    operation_id="issue_client_token",
    summary="An access token for a client",
    response_model=TokenOut,
    responses=_error_responses(),
    openapi_extra=_body(
        ["grant_type"],
        {"grant_type": GRANT_TYPE, "scope": "Of the client's scopes, with spaces between; all of them when left out."},
    ),
)
async def issue_client_token(actor: AnonymousApi, tx: Tx, request: Request) -> Response:
    """The client proves itself by its secret (HTTP Basic or in the form) or by an assertion that it signed. The token
    lives for minutes; there is no refresh token: ask for another."""
    try:
        form = await _form(request)
        issued = await tokens.issue_token(tx, actor, request.headers.get("authorization", ""), form)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    out = TokenOut(access_token=issued.token, expires_in=issued.seconds, scope=" ".join(sorted(issued.scopes)))
    response = json_response(out, 200)
    response.headers.update(NOT_STORED)
    return response


@router.post(
    REVOCATION_PATH,
    operation_id="revoke_client_token",
    summary="End an access token of a client",
    response_class=Response,
    responses=_error_responses() | {200: {"description": "It is no one's any more.", "content": {}}},
    openapi_extra=_body(["token"], {"token": "The access token.", "token_type_hint": "Ignored: there is one kind."}),
)
async def revoke_client_token(actor: AnonymousApi, tx: Tx, request: Request) -> Response:
    """The client proves itself as for a token. The answer is the same for a token that isn't its own: nothing ends."""
    try:
        form = await _form(request)
        await tokens.revoke_token(tx, actor, request.headers.get("authorization", ""), form)
    except OAuthRefusal as refusal:
        return _refused(refusal)
    return Response(status_code=200, headers=NOT_STORED)


@router.get(
    "/.well-known/oauth-authorization-server",
    operation_id="get_oauth_metadata",
    summary="Where clients get tokens, and how they prove themselves",
)
async def get_oauth_metadata(_actor: AnonymousApi) -> ServerMetadataOut:
    """RFC 8414."""
    here = issuer()
    return ServerMetadataOut(
        issuer=here,
        token_endpoint=here + TOKEN_PATH,
        revocation_endpoint=here + REVOCATION_PATH,
        scopes_supported=[scope.value for scope in ApiScope],
        response_types_supported=[],
        grant_types_supported=[GRANT_TYPE],
        token_endpoint_auth_methods_supported=METHODS,
        token_endpoint_auth_signing_alg_values_supported=list(ALGORITHMS),
        revocation_endpoint_auth_methods_supported=METHODS,
        revocation_endpoint_auth_signing_alg_values_supported=list(ALGORITHMS),
        service_documentation=f"{here}/api/v1/openapi.json",
    )


async def _form(request: Request) -> Mapping[str, str]:
    """The parameters of a request, each once (RFC 6749, 3.2); those without a value count as left out.

    Raises:
        OAuthRefusal.
    """
    if not request.headers.get("content-type", "").startswith(PLAIN):
        raise OAuthRefusal("invalid_request", f"The body is to be {PLAIN}.")
    try:
        form = await page_form(request)
    except (BadRequest, HTTPException, UnicodeDecodeError) as error:
        raise OAuthRefusal("invalid_request", "The body is not readable.") from error
    fields = form.multi_items()
    if len({name for name, _value in fields}) < len(fields):
        raise OAuthRefusal("invalid_request", "A parameter is sent more than once.")
    if any(isinstance(value, UploadFile) or len(value) > MAX_PARAMETER or "\x00" in value for _name, value in fields):
        raise OAuthRefusal("invalid_request", "A parameter is too long.")
    return {name: str(value) for name, value in fields if value}


def _refused(refusal: OAuthRefusal) -> Response:
    status = 401 if refusal.error == "invalid_client" else 400
    response = json_response(OAuthErrorOut(error=refusal.error, error_description=refusal.description), status)
    response.headers.update(NOT_STORED | (CHALLENGE if status == 401 else {}))
    return response
