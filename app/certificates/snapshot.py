"""Snapshot that a decision stores for its certificate (`request.result`), the certificate's only source."""

from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict

from app.certificates.problems import CertificatePending, NoCertificate
from app.kernel import clock
from app.kernel.i18n import language
from app.registry.rules import Reason
from app.requests.models import Request
from app.requests.service.undo import certificate_from

Template = Literal[
    "nss", "vigencia", "weeks", "sick-leave", "not-insured", "resolution", "refusal", "pension-refusal", "answer"
]
TEMPLATES: tuple[Template, ...] = get_args(Template)


class SnapshotPart(BaseModel):
    """A part of the snapshot; unknown properties are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BilingualText(SnapshotPart):
    """A text in both languages."""

    es: str
    en: str

    def __str__(self) -> str:
        return self.es if language() == "es" else self.en


class Holder(SnapshotPart):
    """The person certified, as registered on the day of the decision."""

    name: str
    curp: str
    nss: str | None
    birth_on: date


class UnitReference(SnapshotPart):
    """The unit the person is assigned to."""

    name: str
    clues: str


class Snapshot(SnapshotPart):
    """The content of a certificate."""

    template: Template
    service_name: BilingualText
    text: BilingualText
    statement: BilingualText | None = None
    issued_on: date
    valid_until: date | None
    person: Holder
    unit: UnitReference | None
    facts: dict[str, Any]


class NssFacts(SnapshotPart):
    """Facts of `nss`."""

    nss: str


class Relative(SnapshotPart):
    """A person covered as the holder's dependant."""

    name: str
    kinship: str
    until: date | None
    in_force: bool = True
    """False: the holder has no rights from which the relative's could derive."""


class RightsFacts(SnapshotPart):
    """Facts of `vigencia`. `needed_weeks` of uninterrupted work preserve rights for `conserved_weeks` afterwards; null
    in certificates issued before they were stored."""

    in_force: bool
    until: date | None
    reason: Reason
    dependants: list[Relative]
    needed_weeks: int | None = None
    conserved_weeks: int | None = None


class ContributionPeriod(SnapshotPart):
    """Days contributed with one employer; null when the person asked not to name employers."""

    employer: str | None
    starts_on: date
    ends_on: date | None
    days: int


class WeeksFacts(SnapshotPart):
    """Facts of `weeks`."""

    weeks: int
    days: int
    withdrawn: int
    periods: list[ContributionPeriod]


class Leave(SnapshotPart):
    """One sick-leave certificate; `payment` in pesos."""

    folio: str
    kind: str
    starts_on: date
    days: int
    paid_days: int
    payment: Decimal
    reason: str | None = None
    """Why some or all of its days aren't paid."""


class SickLeaveFacts(SnapshotPart):
    """Facts of `sick-leave`; `total` in pesos."""

    leaves: list[Leave]
    total: Decimal


class Line(SnapshotPart):
    """A line of a resolution."""

    label: BilingualText
    value: BilingualText | str
    is_name: bool = False
    """Whether the value names a person, of whom public verification shows initials only."""


class ResolutionFacts(SnapshotPart):
    """Facts of `resolution`."""

    rows: list[Line]
    reasons: list[BilingualText]


class Ground(SnapshotPart):
    """A reason of a refusal and its legal ground."""

    text: BilingualText
    ground: BilingualText | None


class Means(SnapshotPart):
    """A means of challenge and its last day."""

    name: BilingualText
    authority: BilingualText
    note: BilingualText
    basis: BilingualText
    last_day: date
    is_doubtful: bool = False
    """Whether its term is our reading of the law."""


class RefusalFacts(SnapshotPart):
    """Facts of `refusal`, `pension-refusal` and `answer`. `notified_on`: the day the terms run from; null if the
    refusal wasn't viewed before the document was issued, in which case they run from `made_on`. `confirmed_on`: the day
    an internal review confirmed it, or null."""

    reasons: list[Ground]
    found: list[BilingualText] = []
    words: str | None = None
    rows: list[Line] = []
    use: BilingualText | None = None
    use_basis: BilingualText | None = None
    notified_on: date | None = None
    made_on: date | None = None
    takes_effect_on: date | None = None
    confirmed_on: date | None = None
    means: list[Means] = []


def snapshot_of(request: Request) -> Snapshot:
    """Return the snapshot of an approval.

    Raises:
        NoCertificate: the request isn't approved, or its service gives no certificate. CertificatePending: the approval
        can still be undone.
    """
    if request.outcome != "approved" or request.decided_at is None or not request.result.get("template"):
        raise NoCertificate
    from_when = certificate_from(request)
    if from_when is not None:
        raise CertificatePending(max(1, ceil((from_when - clock.now()).total_seconds())))
    return Snapshot.model_validate(request.result)
