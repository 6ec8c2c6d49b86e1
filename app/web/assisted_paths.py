"""The paths of the pages on which staff act for a person: the citizens' own, below the address of the assistance."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.types import Scope

ASSISTED = "assisted"
"""In the state of a request: whom the page is for (`AssistedPerson`)."""
PREFIX = "/ventanilla/asistida"
FLOWS = ("/citas/", "/tramites/")
HOMES = ("/", "/mi", "/citas", "/folio")
"""Pages of citizens in whose place an assistance has its own first page."""


@dataclass(frozen=True, slots=True)
class AssistedPerson:
    """What the top of these pages shows: for whom, on which channel, and how sure it is who they are."""

    person_id: UUID
    full_name: str
    channel: str
    identity: str | None
    is_sure: bool
    since: datetime
    timezone: str


def home_of(person_id: UUID) -> str:
    """The first page of an assistance."""
    return f"{PREFIX}/{person_id}"


def assisted_path(scope: Scope, path: str) -> str:
    """The path below the assistance of the request, for a page of the citizens' flows; any other as it is."""
    assisted: AssistedPerson | None = scope["state"].get(ASSISTED)
    if assisted is None:
        return path
    bare, home = path.partition("?")[0], home_of(assisted.person_id)
    if bare in HOMES or bare.startswith("/mi/"):
        return home
    return home + path if bare == "/tramites" or bare.startswith(FLOWS) else path
