"""Who may call an operation, from the dependency that authenticates its caller."""

from collections.abc import Iterator
from typing import Any

from fastapi.dependencies.models import Dependant

from app.clients.dependencies import Scoped
from app.clients.rules import SCOPES
from app.clients.service.proofs import TOKEN_PATH
from app.identity import dependencies as identity

Requirement = dict[str, list[str]]

_JWT = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_OPAQUE = {"type": "http", "scheme": "bearer"}
SCHEMES: dict[str, dict[str, Any]] = {
    "citizen": _JWT | {"description": "An access token of a person who does their own business, from `create_tokens`."},
    "staff": _JWT | {"description": "An access token of a member of staff, from `staff_sign_in`, by their role."},
    "client": {
        "type": "oauth2",
        "description": "An access token of a program of another system, by its scopes.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": TOKEN_PATH,
                "scopes": {scope.value: terms.meaning for scope, terms in SCOPES.items()},
            }
        },
    },
    "personalToken": _OPAQUE
    | {"description": "A personal token (`vtp_…`) with the scope that `client` names, of an analyst or administrator."},
    "device": _OPAQUE | {"description": "The token of a kiosk or board, from `pair_device`."},
    "clientSecret": {
        "type": "http",
        "scheme": "basic",
        "description": "A client's id and secret. They may be in the form instead, or a signed assertion.",
    },
    "metricsToken": _OPAQUE | {"description": "The token of `VENTANILLA_METRICS_TOKEN`; none from the same machine."},
}
CITIZEN: Requirement = {"citizen": []}
STAFF: Requirement = {"staff": []}
NO_ONE: Requirement = {}
BY_KIND: dict[type, list[Requirement]] = {
    identity._LowCitizen: [CITIZEN],
    identity._FullCitizen: [CITIZEN],
    identity._StaffToken: [STAFF],
    identity._ActiveStaff: [STAFF],
    identity._ServedCitizen: [CITIZEN, STAFF],
    identity._LowPerson: [CITIZEN, STAFF],
    identity._FullPerson: [CITIZEN, STAFF],
    identity._PersonToken: [CITIZEN, STAFF],
    identity._Device: [{"device": []}],
}
"""By the class of the dependency. Staff act for a person in an assistance, which the header Assistance-Id names."""
OWN: dict[str, list[Requirement]] = {
    "issue_client_token": [NO_ONE, {"clientSecret": []}],
    "revoke_client_token": [NO_ONE, {"clientSecret": []}],
    "metrics": [NO_ONE, {"metricsToken": []}],
    "health_ready": [NO_ONE, {"metricsToken": []}],
}
"""Operations that look at credentials themselves; the first two take them in the form, too."""


IN_ASSISTANCE = (identity._ServedCitizen, identity._LowPerson, identity._FullPerson, identity._PersonToken)
"""They read the header that names the assistance."""


def calls_of(dependant: Dependant) -> Iterator[Any]:
    """Everything that a route depends on."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)


def may_assist(dependant: Dependant) -> bool:
    """Whether staff may act for a person in an assistance."""
    return any(isinstance(call, IN_ASSISTANCE) for call in calls_of(dependant))


def requirements(operation_id: str, dependant: Dependant) -> list[Requirement]:
    """Return the alternatives of an operation: an empty list where it looks at no credentials."""
    if operation_id in OWN:
        return OWN[operation_id]
    for call in calls_of(dependant):
        if isinstance(call, Scoped):
            scoped: list[Requirement] = [STAFF, {"client": [call.scope.value]}]
            if SCOPES[call.scope].action is not None:
                scoped.append({"personalToken": []})
            return [NO_ONE, CITIZEN, *scoped] if call.is_public else scoped
        if type(call) in BY_KIND:
            return BY_KIND[type(call)]
    return []
