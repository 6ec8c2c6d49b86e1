"""Who reports: a person by their access token, or staff for the person of an assistance.

The standard's `api_key` is that token. Programs that know no header send it in the form of a POST, or have it in the
address of the endpoint as user information, which HTTP libraries send as a Basic header. In the query it would be in
the logs of every server on the way, and isn't looked at.
"""

from base64 import b64decode
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.identity.dependencies import served_citizen_of
from app.interop.open311.forms import form_of
from app.interop.open311.problems import ApiKeyMissing
from app.kernel.actor import Citizen


class _Reporter(SecurityBase):
    def __init__(self) -> None:
        self.model = HTTPBearerModel(description="A person's access token.")
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Any:
        token = await _token_of(request)
        others = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
        own = (b"authorization", f"Bearer {token}".encode("latin-1", "replace"))
        return await served_citizen_of(Request(dict(request.scope) | {"headers": [*others, own]}))


async def _token_of(request: Request) -> str:
    """The token, wherever the program puts it.

    Raises:
        ApiKeyMissing: there is none.
    """
    kind, _space, sent = request.headers.get("authorization", "").partition(" ")
    token = ""
    if kind.lower() == "bearer":
        token = sent.strip()
    elif kind.lower() == "basic":
        token = _basic(sent.strip())
    elif request.method == "POST":
        token = dict(await form_of(request)).get("api_key", "").strip()
    if not token:
        raise ApiKeyMissing
    return token


def _basic(sent: str) -> str:
    """The password of a Basic header, or else the user."""
    try:
        user, _colon, password = b64decode(sent, validate=True).decode("ascii").partition(":")
    except ValueError:  # not Base64, or not ASCII
        return ""
    return password or user


reporter = _Reporter()
Reporter = Annotated[Citizen, Depends(reporter)]
