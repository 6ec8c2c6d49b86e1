"""The templates of this version, from the files of `texts/`: read and validated once."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from app.kernel.i18n import Language
from app.notifications.templates.declarations import DatumKind, Declared, Part, Sample, Template, Wording

FOLDER = Path(__file__).parent / "texts"
PRESENT = {"es": "sí", "en": "yes"}
"""The value of a flag that holds."""


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Both(_Block):
    es: str
    en: str


class _Datum(_Block):
    means: _Both
    sample: _Both = _Both(**PRESENT)
    kind: DatumKind = DatumKind.TEXT
    only: tuple[Part, ...] | None = None


class _Case(_Block):
    name: _Both
    without: tuple[str, ...] = ()


class _Wording(_Block):
    subject: str
    body: str
    sms: str = ""
    push: str = ""


class _Texts(_Block):
    es: _Wording
    en: _Wording


class _Template(_Block):
    event: str
    name: _Both
    data: tuple[str, ...]
    required: dict[Part, tuple[str, ...]]
    shorten: tuple[str, ...] = ()
    cases: Annotated[tuple[_Case, ...], Field(min_length=1)]
    texts: _Texts
    opens: Annotated[str, Field(pattern=r"^/[a-z/-]*$")] = "/mi"


class _File(_Block):
    data: dict[str, _Datum]
    templates: dict[str, _Template]


@lru_cache
def templates() -> dict[str, Template]:
    """Every template, by id, in the order of the files."""
    found: dict[str, Template] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        content: Any = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 # both are safe loaders
        read = _File.model_validate(content)
        data = {name: _declared(name, one) for name, one in read.data.items()}
        found |= {id_: _template(id_, one, data) for id_, one in read.templates.items()}
    return found


def _declared(name: str, one: _Datum) -> Declared:
    return Declared(name, one.kind, one.means.model_dump(), one.sample.model_dump(), _only(one))


def _only(one: _Datum) -> frozenset[Part]:
    by_kind = {
        DatumKind.TEXT: frozenset(Part) - {Part.PUSH},
        DatumKind.LINK: frozenset({Part.BODY, Part.SMS}),
        DatumKind.LIST: frozenset({Part.BODY}),
        DatumKind.FLAG: frozenset[Part](),
    }
    return by_kind[one.kind] if one.only is None else by_kind[one.kind] & frozenset(one.only)


def _template(id_: str, one: _Template, data: dict[str, Declared]) -> Template:
    wordings: dict[Language, Wording] = {"es": _wording(one.texts.es), "en": _wording(one.texts.en)}
    return Template(
        id_,
        one.event,
        one.name.model_dump(),
        {name: data[name] for name in one.data},
        one.required,
        one.shorten,
        tuple(Sample(case.name.model_dump(), frozenset(case.without)) for case in one.cases),
        wordings,
        one.opens,
    )


def _wording(one: _Wording) -> Wording:
    return Wording(one.subject, one.body.strip("\n"), one.sms.strip("\n"), one.push)
