"""Means of challenge against a refusal, and the legal effect of silence: one file, validated at start.

The terms come from law, each with its source and our confidence in it; the internal review is the agency's own and is
defined in each service's file.
"""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.catalog.definition import Block, Service, Slug, Source, Text
from app.catalog.loader import load_services as services
from app.catalog.yaml_files import parse_document, read_yaml
from app.kernel.i18n import N_

FILE = Path(__file__).parent / "challenges.yaml"
NO_BASIS = Text(es="Plazo de la agencia", en="Term of the agency")
Status = Literal["confirmed", "unconfirmed", "agency"]


class Means(Block):
    """A means of challenge: before whom, and within which term from when the notification takes effect, in working
    days, or from the notification itself, in years."""

    id: Slug
    name: Text
    authority: Text
    working_days: Annotated[int | None, Field(ge=1, le=120)] = None
    years: Annotated[int | None, Field(ge=1, le=10)] = None
    note: Text
    note_without_review: Text | None = None
    """Where the agency offers no internal review, which the note speaks of."""
    basis: Text
    source: Source
    status: Status

    @model_validator(mode="after")
    def _one_term(self) -> "Means":
        if (self.working_days is None) == (self.years is None):
            raise ValueError("has a term in working days or in years, and only one")
        return self


class Review(Block):
    """The portal's internal review, as it is called everywhere; its days are of each service."""

    name: Text
    authority: Text
    note: Text
    note_alone: Text
    """Where the law gives nothing besides it."""
    source: Source


class Counting(Block):
    """How terms are counted: the working days after which a notification takes effect."""

    effect_working_days: Annotated[int, Field(ge=0, le=5)]
    source: Annotated[str, Field(min_length=3, max_length=800)]
    status: Status


class Silence(Block):
    """After how many months without an answer a request counts as refused, and the text shown beforehand."""

    months: Annotated[int, Field(ge=1, le=12)]
    text: Text
    basis: Text
    source: Source
    status: Status


class Asking(Block):
    """How often something may be asked for, in which first part of the term (3: the first third), and for how long."""

    times: Annotated[int, Field(ge=1, le=5)]
    first_part: Annotated[int, Field(ge=1, le=10)]
    least_working_days: Annotated[int, Field(ge=1, le=30)]
    text: Text
    basis: Text
    source: Source
    status: Status


class Challenges(Block):
    """The file."""

    review: Review
    means: list[Means]
    counting: Counting
    silence: Silence
    asking: Asking


@lru_cache
def challenges() -> Challenges:
    """The file as this version has it.

    Raises:
        CatalogInvalid: with what is wrong in it, and where.
    """
    return parse_document(read_yaml(FILE), Challenges)


INTERNAL_REVIEW = "internal-review"


def means_against(service: Service) -> list[Means]:
    """What the law gives against a refusal of this service; nothing where a refusal isn't an act that it lets one
    challenge, such as the answer to a complaint. Today's file says so, whatever the version of the service."""
    today = services().get(service.id, service)
    means = [one for one in challenges().means if one.id in today.challenges]
    if service.appeal is not None:
        return means
    return [one.model_copy(update={"note": one.note_without_review or one.note}) for one in means]


DOUBT = N_("El plazo es nuestra lectura de la ley: no espere al último día.")


def is_doubtful(means: Means) -> bool:
    """Return whether the term is our reading of the law, which is disclosed wherever its last day is shown
    (`DOUBT`)."""
    return means.status == "unconfirmed" and means.id != INTERNAL_REVIEW


def internal_review(service: Service) -> Means | None:
    """The portal's own review of a refusal of this service; None where there is none."""
    term, review = service.appeal, challenges().review
    if term is None:
        return None
    return Means(
        id=INTERNAL_REVIEW,
        name=review.name,
        authority=review.authority,
        working_days=term.working_days,
        note=review.note if means_against(service) else review.note_alone,
        basis=term.basis or NO_BASIS,
        source=term.source,
        status=term.status,
    )


def means_of(service: Service) -> list[Means]:
    """All that can be done against a refusal of a service: the internal review first, then what the law gives."""
    review = internal_review(service)
    return [*([review] if review else []), *means_against(service)]
