"""What crosses HTTP about people."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from app.kernel.actor import Assurance, Role
from app.kernel.schemas import FromRow, Incoming
from app.registry.access_log import ViewContext
from app.registry.contact import normal_email, normal_phone
from app.registry.identifiers import parse_curp, parse_nss, parse_postal_code
from app.registry.names import LONGEST_NAME, Names, parse_name
from app.registry.rules import Reason

Name = Annotated[str, Field(max_length=LONGEST_NAME)]
Email = Annotated[
    str | None, Field(max_length=254), AfterValidator(lambda value: normal_email(value) if value else None)
]
Phone = Annotated[
    str | None, Field(max_length=30), AfterValidator(lambda value: normal_phone(value) if value else None)
]


Curp = Annotated[
    str, Field(min_length=18, max_length=25, description="Spaces and dashes are fine."), AfterValidator(parse_curp)
]


class CodeIn(Incoming):
    """Ask for a one-time code."""

    curp: Annotated[Curp, Field(examples=["NUPA900517MDFXXN07"])]
    language: Literal["es", "en"] = "es"


class NamesIn(BaseModel):
    """Names as they are on a document; a person with one surname has no second."""

    given_names: Name = ""
    first_surname: Name = ""
    second_surname: Name = ""

    @field_validator("given_names", "first_surname", "second_surname")
    @classmethod
    def _clean(cls, value: str) -> str:
        return parse_name(value) if value else ""

    def names(self) -> Names:
        return Names(self.given_names, self.first_surname, self.second_surname)


class EnrolIn(NamesIn):
    """First time: the three that must match the registry, and where the code goes (one of the two). Names are of use
    for who never had a number and isn't in the registry: staff compare them with the CURP."""

    model_config = ConfigDict(extra="forbid")

    curp: Annotated[str, Field(max_length=30)]
    nss: Annotated[
        str | None,
        Field(max_length=20, examples=["12345678903"], description="Left out by who never had a number."),
    ] = None
    postal_code: Annotated[str, Field(pattern=r"^[0-9]{5}$", examples=["06700"])]
    email: Email = None
    phone: Phone = None
    language: Literal["es", "en"] = "es"

    _curp = field_validator("curp")(parse_curp)
    _postal_code = field_validator("postal_code")(parse_postal_code)

    @field_validator("nss")
    @classmethod
    def _nss(cls, value: str | None) -> str | None:
        return parse_nss(value) if value is not None else None


class PersonOut(BaseModel):
    """A person the citizen may act for. `kinship` is null for themselves.

    At the low level of assurance only `id` and where they are attended are given: the rest is null.
    """

    id: UUID
    given_names: str | None = None
    first_surname: str | None = None
    second_surname: str | None = None
    birth_on: date | None = None
    unit_id: UUID | None
    room: int | None
    shift: Literal["M", "V", "N"] | None
    kinship: Literal["spouse", "civil-union", "partner", "child", "ward", "parent"] | None = None
    rights_in_force: bool | None = None
    rights_until: date | None = None
    rights_reason: Reason | None = None
    """Why they are in force or not: work, a pension, a paid family policy, conserved after work; ended, or never."""
    assurance: Assurance


class ContactIn(Incoming):
    """The new contact, one of the two, and the language of its code."""

    email: Email = None
    phone: Phone = None
    language: Literal["es", "en"] = "es"


class ContactChangeOut(BaseModel):
    """The challenges of a change of contact: of the new contact and, where there was one, of the one before."""

    new_challenge_id: UUID
    confirm_challenge_id: UUID | None
    expires_in: int


Code = Annotated[str, Field(pattern=r"^[0-9]{6,8}$", examples=["402915"])]


class ContactProofIn(Incoming):
    """Both challenges with their codes. `proof` is the code sent to the contact before, or one of the desk; left out by
    who had no contact."""

    new_challenge_id: UUID
    new_code: Code
    confirm_challenge_id: UUID | None = None
    proof: Code | None = None


class DeskCodeIn(NamesIn):
    """The CURP on the document of the person at the desk; of whom the registry doesn't have, the names on it too."""

    model_config = ConfigDict(extra="forbid")

    curp: Annotated[str, Field(max_length=30)]

    _curp = field_validator("curp")(parse_curp)


class DeskCodeOut(BaseModel):
    """A code to be given by hand: it works once, for a day."""

    code: str
    expires_in: int


class WithdrawalIn(Incoming):
    """What a pension fund reports that it paid: whom, when, and how many weeks it cost (LSS art. 198)."""

    curp: Annotated[str, Field(max_length=30)]
    on_date: date
    weeks: Annotated[int, Field(ge=0, le=9_999)]

    _curp = field_validator("curp")(parse_curp)


class WithdrawalOut(BaseModel):
    """A partial withdrawal on record."""

    on_date: date
    weeks: int


class AccessOut(FromRow):
    """That a reader saw the person's data: when first in that hour, in which role, at which unit, and where it is
    shown. A representative is a citizen who acts for the person. `unit_name` is null for who works at several
    units, or at none. `timezone` is the unit's, in which people read the time."""

    seen_at: datetime
    timezone: str
    role: Role | Literal["representative", "client"]
    unit_name: str | None
    contexts: list[ViewContext]
