"""What a template declares: its data with meaning and sample value, the cases in which it is sent, its texts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.kernel.i18n import LANGUAGES, Language


class Part(StrEnum):
    """A part of a message."""

    SUBJECT = "subject"
    BODY = "body"
    SMS = "sms"
    PUSH = "push"


class DatumKind(StrEnum):
    """What a datum is: words, an address of a page, a list of lines, or a fact for conditions only."""

    TEXT = "text"
    LINK = "link"
    LIST = "list"
    FLAG = "flag"


ByLanguage = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Declared:
    """A datum, and the parts that may show it: what names a person or a service is only in the body of a mail, since
    the rest shows on lock screens. A push notice shows none."""

    name: str
    kind: DatumKind
    meaning: ByLanguage
    sample: ByLanguage
    parts: frozenset[Part]


@dataclass(frozen=True, slots=True)
class Sample:
    """A case in which the message is sent, by the data that have no value in it."""

    name: ByLanguage
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wording:
    """The parts of a message in a language. `sms` is empty where no text message is sent, `push` where no browser is
    notified."""

    subject: str
    body: str
    sms: str
    push: str = ""

    def part(self, part: Part) -> str:
        """One part."""
        return {Part.SUBJECT: self.subject, Part.BODY: self.body, Part.SMS: self.sms, Part.PUSH: self.push}[part]


Wordings = Mapping[Language, Wording]


@dataclass(frozen=True, slots=True)
class Template:
    """A message that the portal sends. `required`: the data that a part must show in every case that has a value of
    them. `shorten`: those that are cut in a text message that would be too long, the first first. `opens`: the page
    behind the sign-in that a push notice opens, the same for everyone."""

    id: str
    event: str
    name: ByLanguage
    data: Mapping[str, Declared]
    required: Mapping[Part, tuple[str, ...]]
    shorten: tuple[str, ...]
    cases: tuple[Sample, ...]
    defaults: Wordings = field(repr=False)
    opens: str = "/mi"

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that it has."""
        default = self.defaults[LANGUAGES[0]]
        return tuple(part for part in Part if part in (Part.SUBJECT, Part.BODY) or default.part(part))

    def values(self, language: Language, case: Sample) -> dict[str, str]:
        """The sample values of a case."""
        return {name: one.sample[language] for name, one in self.data.items() if name not in case.without}
