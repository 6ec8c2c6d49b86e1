"""Schema of service files: one Pydantic model per block; unknown keys are rejected."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.catalog.figures import fill_figures
from app.catalog.rules.conditions import holds
from app.catalog.rules.workflow import Workflow
from app.kernel.i18n import language, use_language

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
Value = str | int | float | bool | None
Conditions = dict[str, list[Value]]


def _is_none(value: object) -> bool:
    """Exclude an unused property that was added later, so that stored versions keep their digest."""
    return value is None


class Block(BaseModel):
    """A part of a service file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Block):
    """A text for people in both languages. `{law:unemployment-days}` stands for the figure of law in force today."""

    es: Annotated[str, Field(min_length=1, max_length=2_000)]
    en: Annotated[str, Field(min_length=1, max_length=2_000)]

    def __str__(self) -> str:
        return fill_figures(self.es if language() == "es" else self.en)

    def both(self) -> dict[str, str]:
        """The text in each language, with today's figures: what is stored with a decision."""
        made = {}
        for code in ("es", "en"):
            with use_language(code):
                made[code] = fill_figures(getattr(self, code))
        return made


class Option(Block):
    """A choice of a field, and what it is called."""

    value: Value
    label: Text


TermStatus = Literal["confirmed", "unconfirmed", "agency"]
"""How sure a rule or term is: in a public source, not found in one, or the agency's own."""

Kind = Literal["instant", "automatic", "reviewed"]
Group = Literal["numbers", "certificates", "clinic", "family", "money", "voice"]
Widget = Literal[
    "text",
    "textarea",
    "radios",
    "select",
    "yes-no",
    "date",
    "curp",
    "nss",
    "nss-or-curp",
    "number",
    "clabe",
    "unit",
    "any-unit",
]
"""`unit`: one that may serve the person, in operation. `any-unit`: whichever is meant, found by a search."""


class FieldView(Block):
    """How a property of the form's schema is asked for. Shown only when every condition holds."""

    label: Text
    hint: Text | None = None
    widget: Widget = "text"
    options: list[Option] = []
    show_when: Conditions = {}
    autocomplete: str | None = None
    prefill: str | None = None
    """A value of the registry to start from, such as `person.postal_code`."""
    wrong: Annotated[Text | None, Field(exclude_if=_is_none)] = None
    """Error message for an answer that doesn't match the schema's pattern, unless that is a number of digits."""
    latest: Annotated[Literal["today"] | None, Field(exclude_if=_is_none)] = None
    """The last day that a date may be: what happened did so by today, at the unit."""


class Page(Block):
    """One page of the form."""

    id: Slug
    title: Text
    intro: Text | None = None
    fields: list[str]


class Form(Block):
    """The form: a JSON Schema (2020-12) and its presentation."""

    json_schema: Annotated[dict[str, Any], Field(alias="schema")]
    pages: list[Page] = []
    fields: dict[str, FieldView] = {}


Source = Annotated[str, Field(min_length=3, max_length=400)]


class Eligibility(Block):
    """An eligibility rule with its parameters. `refuse`: the law leaves no discretion; `review`: an officer decides."""

    rule: Slug
    parameters: Annotated[dict[str, Any], Field(alias="with")] = {}
    when: Conditions = {}
    otherwise: Literal["refuse", "review"] = "refuse"
    text: Text
    """The condition in words: shown before a request, and beside a check that passes."""
    findings: dict[str, Text] = {}
    """Texts of failed checks by finding, where the service overrides those of the rule."""
    basis: Text
    """Legal basis, as shown to people; `source` is for maintainers of the file and includes doubts."""
    source: Source
    status: TermStatus = "unconfirmed"


Format = Literal["jpeg", "png", "webp", "pdf"]


class DocumentAsked(Block):
    """A document the citizen attaches; needed when every condition holds."""

    kind: Slug
    name: Text
    hint: Text | None = None
    formats: Annotated[list[Format], Field(min_length=1)] = ["jpeg", "png", "webp", "pdf"]
    max_mb: Annotated[int, Field(ge=1, le=20)] = 10
    required: bool = True
    when: Conditions = {}


class Reason(Block):
    """Why an officer decides so. A refusal's reason names its legal ground; the citizen reads the text. One with
    conditions is for requests with these answers only."""

    code: Slug
    outcome: Literal["approved", "refused"]
    when: Annotated[Conditions, Field(exclude_if=lambda conditions: not conditions)] = {}
    text: Text
    ground: Text | None = None


class Decision(Block):
    """Who decides, and the reasons there are."""

    by: Literal["rules", "officer"]
    reasons: list[Reason] = []

    def reasons_for(self, answers: Mapping[str, Any]) -> list[Reason]:
        """The reasons there are for a request with these answers."""
        return [reason for reason in self.reasons if holds(reason.when, answers)]


class OutcomeWording(Block):
    """How an outcome reads where «approved» and «refused» don't fit: the officer's button, where the request is, and
    the sentence that the citizen reads."""

    action: Text
    state: Text
    sentence: Text


class TargetCase(Block):
    """Another time for requests with these answers, and what they are called."""

    when: Conditions
    working_days: Annotated[int, Field(ge=0, le=120)]
    text: Text


class Target(Block):
    """The time we give ourselves. Working days; 0 is at once. `answer_days`: what the citizen has to answer, which is
    never less than the law's five (LFPA art. 17-A)."""

    working_days: Annotated[int, Field(ge=0, le=120)]
    by_answer: Annotated[list[TargetCase], Field(exclude_if=lambda cases: not cases)] = []
    """The first whose conditions hold counts instead of `working_days`. Published versions without any stay as they
    are."""
    answer_days: Annotated[int, Field(ge=5, le=60)] = 10
    near_days: Annotated[int, Field(ge=0, le=30)] = 1
    source: Source

    def days_for(self, answers: Mapping[str, Any]) -> int:
        """The working days that a request with these answers has."""
        return next((case.working_days for case in self.by_answer if holds(case.when, answers)), self.working_days)


class Appeal(Block):
    """How long after a refusal the citizen may ask for the internal review, in working days from when its notification
    takes effect. What the law gives besides is in `challenges.yaml`."""

    working_days: Annotated[int, Field(ge=1, le=60)]
    source: Source
    basis: Text | None = None
    """Whose term it is, as people read it."""
    status: TermStatus = "agency"


MeansId = Literal["inconformity", "labour-court"]
USUAL_MEANS: list[MeansId] = ["inconformity", "labour-court"]


class Refusal(Block):
    """The document of a refusal, and what it is good for beside the means of challenge: shown before the request is
    sent, and when it is refused."""

    certificate: Literal["refusal", "pension-refusal"] = "refusal"
    text: Text | None = None
    basis: Text | None = None


class Result(Block):
    """What an approval gives: changes of the registry by name, and an official document."""

    effects: list[Slug] = []
    parameters: Annotated[dict[str, Any], Field(alias="with")] = {}
    """Figures the effects need: rates, tables of fees, points."""
    certificate: Slug | None = None
    valid_days: Annotated[int | None, Field(ge=0, le=3_660)] = None
    """Days after the one of issue on which the document is valid; 0: on that day alone. None: without an end."""
    text: Text


class Feedback(Block):
    """The question asked once it is over; the answer is a row for the measurement."""

    question: Text


class Visit(Block):
    """An appointment at a window that is part of the request."""

    appointment_service: Literal["window"] = "window"
    bring: Text


class Service(Block):
    """A service the agency gives: everything the portal needs to offer it."""

    id: Slug
    version: Annotated[int, Field(ge=1, le=10_000)]
    name: Text
    summary: Text
    who_qualifies: Text
    kind: Kind
    on_behalf: Annotated[list[Literal["self", "family", "mandate"]], Field(min_length=1)] = ["self", "family"]
    assurance: Literal["low", "full"]
    """Required level of assurance. Low: a request by an impostor would cause no harm."""
    group: Group
    form: Form
    eligibility: list[Eligibility] = []
    documents: list[DocumentAsked] = []
    workflow: Workflow
    decision: Decision
    wording: dict[Literal["approved", "refused"], OutcomeWording] = {}
    target: Target
    appeal: Appeal | None = None
    challenges: Annotated[list[MeansId], Field(exclude_if=lambda means: means == USUAL_MEANS)] = USUAL_MEANS
    """What the law gives against a refusal, by its name in `challenges.yaml`. Published versions with the usual ones,
    or without a `refusal` of their own, stay as they are."""
    refusal: Annotated[Refusal, Field(exclude_if=lambda refusal: refusal == Refusal())] = Refusal()
    visit: Visit | None = None
    result: Result
    duplicates_by: list[str] = []
    """Answers that make two open requests different: two children may be registered at once."""
    baseline: Slug
    feedback: Feedback
    figures: Annotated[list[Slug], Field(exclude_if=lambda names: not names)] = []
    """Figures of law that its answer rests on, besides those that rules and effects name."""
    sources: list[Source] = []
