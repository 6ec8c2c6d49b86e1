"""HTTP schemas of templates."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.kernel.i18n import Language
from app.kernel.schemas import FromRow, Incoming
from app.notifications.templates.declarations import DatumKind, Part, Template, Wording

Subject = Annotated[str, Field(max_length=400, description="One line.")]
Body = Annotated[str, Field(max_length=4_000, description="The mail, as lines with data in braces.")]
TextMessage = Annotated[str, Field(max_length=2_000, description="The text message; empty where none is sent.")]

PushNotice = Annotated[
    str | None,
    Field(
        max_length=400,
        description="What a browser shows, one line without data; empty where none is shown; null: the default text.",
    ),
]


class WordingIn(Incoming):
    """The parts of a message in a language."""

    subject: Subject
    body: Body
    sms: TextMessage = ""
    push: PushNotice = None

    def wording(self, default: Wording) -> Wording:
        """The same, as rules take it."""
        return Wording(self.subject, self.body, self.sms, default.push if self.push is None else self.push)


class WordingsIn(Incoming):
    """The texts of a message in each language."""

    es: WordingIn
    en: WordingIn

    def wordings(self, template: Template) -> dict[str, Wording]:
        """The same, as rules take it."""
        return {"es": self.es.wording(template.defaults["es"]), "en": self.en.wording(template.defaults["en"])}


class RestoreIn(Incoming):
    """The version whose texts are used again; 0: the default ones."""

    version: int = Field(ge=0, le=1_000_000)


class TestIn(WordingsIn):
    """Texts to be tried, stored or not, and to whom."""

    __test__ = False  # no test of pytest's

    language: Language
    channel: Literal["email", "sms"]
    to: str = Field(min_length=3, max_length=254, description="An address or telephone of yours.")


class WordingOut(FromRow):
    """The parts of a message in a language."""

    subject: str
    body: str
    sms: str
    push: str


class WordingsOut(BaseModel):
    """The texts of a message in each language."""

    es: WordingOut
    en: WordingOut


class DatumOut(BaseModel):
    """A datum that a text may have in braces: its meaning, a sample value, and the parts that may and must show it."""

    name: str
    kind: DatumKind
    meaning: str
    sample: str
    allowed_in: list[Part]
    required_in: list[Part]


class ListedTemplateOut(FromRow):
    """A message with the version of its texts in force; version 0 is the default, which `is_default` also says of a
    restored one."""

    id: str
    event: str
    name: str
    version: int
    is_default: bool
    changed_at: datetime | None
    changed_by: str | None


class ChangeOut(FromRow):
    """A line that a version took away or added."""

    language: Language
    part: Part
    is_added: bool
    text: str


class VersionOut(FromRow):
    """A version of texts: who stored it, when, and how it differs from the one before."""

    version: int
    created_at: datetime | None
    created_by: str | None
    restored_from: int | None
    changes: list[ChangeOut]


class TemplateOut(BaseModel):
    """A message with its texts in force, the default ones, and what they may have in braces."""

    id: str
    event: str
    name: str
    version: int
    texts: WordingsOut
    default_texts: WordingsOut
    data: list[DatumOut]


class PreviewOut(FromRow):
    """How a message looks in a language and a case, with sample data. `sms_parts`: how many text messages it is."""

    language: Language
    case: str
    subject: str
    body: str
    html: str
    sms: str
    sms_parts: int
    push: str


class TestOut(BaseModel):
    """A test that was sent."""

    __test__ = False  # no test of pytest's

    message_id: UUID
