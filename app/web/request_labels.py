"""The words of the pages for requests: where one is, what happened to it, what a document's state is."""

from dataclasses import dataclass

from app.catalog.challenges import Means, challenges, is_doubtful, means_against, means_of
from app.catalog.definition import Service, Text
from app.catalog.figures import figures_named, figures_of
from app.catalog.loader import is_answered, load_services, wording_of
from app.kernel.i18n import N_, gettext, ngettext

REQUEST_TAGS = {
    "draft": "govuk-tag--grey",
    "review": "govuk-tag--blue",
    "checking": "govuk-tag--blue",
    "waiting": "govuk-tag--yellow",
    "visit": "govuk-tag--yellow",
    "approved": "govuk-tag--green",
    "refused": "govuk-tag--red",
    "withdrawn": "govuk-tag--grey",
    "lapsed": "govuk-tag--grey",
}
DOCUMENT_TAGS = {"received": "govuk-tag--green", "accepted": "govuk-tag--green", "rejected": "govuk-tag--red"}
KILOBYTE = 1024


def file_size(size: int) -> str:
    """A file's size as people read it: «820 kB», «1.4 MB»."""
    if size < KILOBYTE**2:
        return f"{max(1, round(size / KILOBYTE)):,} kB"
    return f"{size / KILOBYTE**2:.1f} MB"


CHECK_TAGS = {
    "pass": "govuk-tag--green",
    "fail": "govuk-tag--red",
    "unknown": "govuk-tag--yellow",
    "reviewed": "govuk-tag--grey",
}


def check_stands(outcome: str, otherwise: str, is_decided: bool) -> str:
    """How a check stands for the citizen: one that sends a request to an officer refuses nothing by itself."""
    if outcome == "pass" or (outcome == "fail" and otherwise != "review"):
        return outcome
    return "reviewed" if is_decided else "unknown"


ROLES = {"officer": N_("Revisión"), "supervisor": N_("Supervisión")}


def state_colour(service_id: str, kind: str, outcome: str | None) -> str:
    """The colour of its tag: what is answered is neither good nor bad news."""
    if wording_of(service_id, outcome):
        return "govuk-tag--green" if outcome == "approved" else "govuk-tag--grey"
    return REQUEST_TAGS.get(outcome or kind, "")


def refusal_sentence(service_id: str) -> str:
    """What the letter of a refusal begins with."""
    wording = wording_of(service_id, "refused")
    return str(wording.sentence) if wording else gettext(REFUSED)


REFUSED = N_("Su solicitud se niega.")


def refusal_document(service_id: str) -> str:
    """What the document of a refusal is called; a complaint is answered."""
    return gettext(ANSWER_DOCUMENT if is_answered(service_id) else REFUSAL_DOCUMENT)


REFUSAL_DOCUMENT, ANSWER_DOCUMENT = N_("Resolución de negativa"), N_("Respuesta por escrito")


@dataclass(frozen=True, slots=True)
class LawWords:
    """What the law says, in words, and the article; whether that it applies is our reading."""

    text: str
    basis: str
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class MeansWords:
    """A means of challenge before there is a refusal: its term in words, for there is no day to count from yet."""

    name: str
    term: str
    authority: str
    note: str
    basis: str
    is_doubtful: bool


def means_words(service: Service, *, is_reviewed: bool = False) -> list[MeansWords]:
    """What can be done against a refusal of a service: the internal review first, unless it was had (`is_reviewed`),
    then what the law gives."""
    means = means_against(service) if is_reviewed else means_of(service)
    return [
        MeansWords(
            name=str(one.name),
            term=_term(one),
            authority=str(one.authority),
            note=str(one.note),
            basis=str(one.basis),
            is_doubtful=is_doubtful(one),
        )
        for one in means
    ]


def uses_figures(service: Service) -> bool:
    """Whether a service decides, or says, something by figures of law: those that today's version of it names."""
    return bool(figures_of(load_services().get(service.id, service)))


def names_figures(text: Text | None) -> bool:
    """Whether a text of a service says a figure of law."""
    return text is not None and bool(figures_named(text.es))


def _term(means: Means) -> str:
    if means.working_days is not None:
        text = ngettext(
            "%(days)s día hábil desde que surte efectos la notificación",
            "%(days)s días hábiles desde que surte efectos la notificación",
            means.working_days,
        )
        return text % {"days": means.working_days}
    years = means.years or 0
    return ngettext("%(years)s año desde la notificación", "%(years)s años desde la notificación", years) % {
        "years": years
    }


def silence_words(service: Service) -> LawWords | None:
    """What it means when the agency doesn't answer; None where the law doesn't take it for a refusal."""
    law = challenges().silence
    has_effect = service.kind != "instant" and means_against(service)
    return LawWords(str(law.text), str(law.basis), law.status == "unconfirmed") if has_effect else None


def asking_words(service: Service) -> LawWords | None:
    """What happens when something is missing and isn't given; None where nothing is asked for."""
    law = challenges().asking
    if not any(way.action == "ask" for way in service.workflow.transitions):
        return None
    text = str(law.text) % {"days": service.target.answer_days}
    return LawWords(text, str(law.basis), law.status == "unconfirmed")
