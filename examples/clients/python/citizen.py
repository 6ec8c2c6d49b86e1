"""A citizen's program with the client that openapi-python-client makes of the portal's document.

    curl -O http://localhost:8000/api/v1/openapi.json
    openapi-python-client generate --path openapi.json --config openapi-python-client.yaml --meta none --output-path portal

It does what ../typescript/openapi_fetch.ts does, with the same settings. `returned` raises what was refused.
"""

import hashlib
import json
import os
import re
from base64 import b64decode
from datetime import date
from io import BytesIO
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from portal import AuthenticatedClient, Client
from portal.api.appointments import create_appointment, create_hold, list_free_days, list_free_times, move_appointment
from portal.api.certificates import get_certificate
from portal.api.metrics import get_metric
from portal.api.requests import attach_document, get_request, start_request, submit_request
from portal.api.sign_in import create_tokens, request_code
from portal.models import (
    AppointmentOut,
    AttachDocumentForm,
    Availability,
    BookIn,
    ChallengeOut,
    CodeIn,
    DayTimes,
    HoldIn,
    HoldOut,
    MoveIn,
    RequestDetailOut,
    RequestDocumentOut,
    StartIn,
    StartInAnswers,
    TableOut,
    TokensIn,
    TokensOut,
)
from portal.types import UNSET, File, Response, Unset

PORTAL = os.environ.get("PORTAL", "http://localhost:8000")
CURP, CODE = os.environ["CURP"], os.environ["CODE"]
SERVICE = "family-medicine"
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAACgAAAAoCAIAAAADnC86AAAALklEQVR4nO3NAQ0AAAgDILV/5xvDzUEBOkldmJNVLBaLxWKxWCwW"
    "i8VisVj8NF6D6wNNapkOkAAAAABJRU5ErkJggg=="
)
T = TypeVar("T")


def returned(kind: type[T], response: Response[Any]) -> T:
    """Return what was asked for, of the type that it is documented with.

    Raises:
        RuntimeError: it was refused; has the problem.
    """
    if not isinstance(response.parsed, kind):
        raise RuntimeError(f"{response.status_code}: {response.content.decode()}")
    return response.parsed


def once() -> str:
    """Return a key for one effect: repeat the call with the same one after a broken connection."""
    return str(uuid4())


def sign_in() -> AuthenticatedClient:
    """Sign in with the code."""
    client = Client(base_url=PORTAL)
    challenge = returned(ChallengeOut, request_code.sync_detailed(client=client, body=CodeIn(curp=CURP)))
    proof = TokensIn(challenge_id=challenge.challenge_id, code=CODE)
    tokens = returned(TokensOut, create_tokens.sync_detailed(client=client, body=proof))
    return AuthenticatedClient(base_url=PORTAL, token=tokens.access_token)


def book(client: AuthenticatedClient) -> AppointmentOut:
    """Book the first time of the first day, and move it to the third."""
    free = returned(Availability, list_free_days.sync_detailed(client=client, service=SERVICE))
    day = returned(DayTimes, list_free_times.sync_detailed(free.days[0].day, client=client, service=SERVICE))
    first, _second, later = day.times[:3]
    wanted = HoldIn(unit_id=free.unit_id, service=SERVICE, room=first.room, start_at=first.start_at)
    hold = returned(HoldOut, create_hold.sync_detailed(client=client, body=wanted, idempotency_key=once()))
    booked = create_appointment.sync_detailed(client=client, body=BookIn(hold_id=hold.id), idempotency_key=once())
    return returned(
        AppointmentOut,
        move_appointment.sync_detailed(
            returned(AppointmentOut, booked).folio,
            client=client,
            body=MoveIn(room=later.room, start_at=later.start_at),
            idempotency_key=once(),
            if_match=booked.headers["ETag"],
        ),
    )


def request_correction(client: AuthenticatedClient) -> RequestDetailOut:
    """Request a correction with its documents."""
    answers = StartInAnswers.from_dict({"field": "name", "second_surname": "Muñoz"})
    wanted = StartIn(service="data-correct", answers=answers)
    started = start_request.sync_detailed(client=client, body=wanted, idempotency_key=once())
    draft = returned(RequestDetailOut, started)
    for document in draft.required_documents:
        file = File(payload=BytesIO(b64decode(PICTURE)), file_name="documento.png", mime_type="image/png")
        body = AttachDocumentForm(kind=document.kind, file=file)
        attached = attach_document.sync_detailed(draft.folio, client=client, body=body, idempotency_key=once())
        returned(RequestDocumentOut, attached)
    version = get_request.sync_detailed(draft.folio, client=client).headers["ETag"]
    submitted = submit_request.sync_detailed(draft.folio, client=client, idempotency_key=once(), if_match=version)
    return returned(RequestDetailOut, submitted)


def certificate(client: AuthenticatedClient) -> str:
    """Return the digest of a certificate."""
    wanted = StartIn(service="vigencia")
    started = start_request.sync_detailed(client=client, body=wanted, idempotency_key=once())
    decided = returned(RequestDetailOut, started)
    file = returned(File, get_certificate.sync_detailed(decided.folio, client=client))
    return hashlib.sha256(file.payload.read()).hexdigest()


def metric(client: AuthenticatedClient) -> list[int]:
    """Return how many each group has, read a page at a time."""
    sizes: list[int] = []
    cursor: str | Unset = UNSET
    while True:
        page = get_metric.sync_detailed(
            "completion",
            client=client,
            since=date(2025, 1, 1),
            until=date(2025, 12, 31),
            group_by=["service"],
            limit=1,
            cursor=cursor,
        )
        sizes += [row.n or 0 for row in returned(TableOut, page).rows]
        following = re.search(r'<([^>]*)>; *rel="next"', page.headers.get("Link", ""))
        if following is None:
            return sizes
        cursor = parse_qs(urlsplit(following[1]).query)["cursor"][0]


if __name__ == "__main__":
    citizen = sign_in()
    appointment = book(citizen)
    result = {
        "appointment": appointment.folio,
        "start_at": appointment.start_at.isoformat(),
        "request": request_correction(citizen).folio,
        "certificate": certificate(citizen),
        "metric": metric(citizen),
    }
    print(json.dumps(result))
