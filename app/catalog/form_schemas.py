"""What crosses HTTP about a service's form and decision: pages, questions, options, conditions and reasons, in the
language asked for.

Conditions are one shape everywhere (`when`, `show_when`, `required_when`): an object of answers by question, each with
the values that it may have. It holds when every question named has one of its values; an empty one always does.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.catalog.definition import FieldView, Page, Service, Widget
from app.catalog.rules.requirements import always_required, at_least_one, required_when
from app.kernel.i18n import N_, _

AnswerConditions = Annotated[
    dict[str, list[str | bool | int | float | None]],
    Field(
        description="Holds when each question named here has one of its values; an empty object always does. "
        "`true` and 1 are different values.",
        examples=[{"kinship": ["child", "ward"]}],
    ),
]
UNIT_CHOICES = "/api/v1/requests/{folio}/units"
ANY_UNIT_CHOICES = "/api/v1/units{?q,operating}"
OPTIONAL = N_("(si quiere)")
ATTESTATION = N_("Al enviarla declara que lo anterior es verdad.")


class OptionOut(BaseModel):
    """A choice of a question: what is sent, and what it is called."""

    value: str | bool | int | float | None
    text: str


class ChoicesOut(BaseModel):
    """Where the choices of a question are listed that are no fixed options: a URI template (RFC 6570) of a list whose
    objects have the answer in `value` and its name in `text`."""

    href: str
    value: str
    text: str


class QuestionOut(BaseModel):
    """A question of a page. `name`: of the answer, a property of `form`. `mark` goes after the label of a question
    that anyone may leave empty. `max_length`: of what is typed, in letters. `latest`: `today` refuses a day that has
    not come yet at the unit. `prefill`: the draft begins with what the registry has."""

    name: str
    label: str
    hint: str | None
    mark: str | None
    widget: Widget
    options: list[OptionOut]
    choices: ChoicesOut | None
    show_when: AnswerConditions
    required: bool
    required_when: list[AnswerConditions]
    default: str | bool | int | float | None
    autocomplete: str | None
    prefill: str | None
    max_length: int | None
    latest: Literal["today"] | None


class FormPageOut(BaseModel):
    """A page of the form. `id` is the `page` of a save."""

    id: str
    title: str
    intro: str | None
    questions: list[QuestionOut]


class AtLeastOneOut(BaseModel):
    """Questions of which one at least is answered while the conditions hold."""

    when: AnswerConditions
    questions: list[str]


class DecisionReasonOut(BaseModel):
    """Why a request may be decided so; `ground`: the legal ground of a refusal. One with conditions is for requests
    with these answers only."""

    code: str
    outcome: Literal["approved", "refused"]
    text: str
    ground: str | None
    when: AnswerConditions


class ServiceDecisionOut(BaseModel):
    """Who decides, and the reasons there are."""

    by: Literal["rules", "officer"]
    reasons: list[DecisionReasonOut]


def pages_out(service: Service) -> list[FormPageOut]:
    """The pages of a form in their order, in the current language."""
    return [_page_out(service, page) for page in service.form.pages]


def _page_out(service: Service, page: Page) -> FormPageOut:
    return FormPageOut(
        id=page.id,
        title=str(page.title),
        intro=str(page.intro) if page.intro else None,
        questions=[_question_out(service, name) for name in page.fields],
    )


def _question_out(service: Service, name: str) -> QuestionOut:
    view, schema = service.form.fields[name], service.form.json_schema
    conditions = required_when(schema, name)
    is_required = name in always_required(schema)
    is_free = not (is_required or conditions or view.show_when or name in _any_will_do(service))
    label = str(view.label)
    return QuestionOut(
        name=name,
        label=label,
        hint=str(view.hint) if view.hint else None,
        mark=_(OPTIONAL) if is_free and "(" not in label else None,
        widget=view.widget,
        options=_options(view),
        choices=_choices(view),
        show_when=view.show_when,
        required=is_required,
        required_when=conditions,
        default=schema["properties"][name].get("default"),
        autocomplete=view.autocomplete,
        prefill=view.prefill,
        max_length=schema["properties"][name].get("maxLength"),
        latest=view.latest,
    )


def _any_will_do(service: Service) -> set[str]:
    return {name for one in at_least_one(service.form.json_schema) for name in one.questions}


def _options(view: FieldView) -> list[OptionOut]:
    if view.widget == "yes-no":
        return [OptionOut(value=True, text=_("Sí")), OptionOut(value=False, text=_("No"))]
    return [OptionOut(value=one.value, text=str(one.label)) for one in view.options]


def _choices(view: FieldView) -> ChoicesOut | None:
    if view.widget not in ("unit", "any-unit"):
        return None
    return ChoicesOut(href=UNIT_CHOICES if view.widget == "unit" else ANY_UNIT_CHOICES, value="id", text="name")


def at_least_one_out(service: Service) -> list[AtLeastOneOut]:
    """The questions of a form of which any will do."""
    found = at_least_one(service.form.json_schema)
    return [AtLeastOneOut(when=one.when, questions=list(one.questions)) for one in found]


def decision_out(service: Service) -> ServiceDecisionOut:
    """Who decides and why, in the current language."""
    return ServiceDecisionOut(
        by=service.decision.by,
        reasons=[
            DecisionReasonOut(
                code=one.code,
                outcome=one.outcome,
                text=str(one.text),
                ground=str(one.ground) if one.ground else None,
                when=one.when,
            )
            for one in service.decision.reasons
        ],
    )


def attestation_of(service: Service) -> str | None:
    """What who submits a request declares by doing so; an instant service is only asked, and nothing is declared."""
    return None if service.kind == "instant" else _(ATTESTATION)
