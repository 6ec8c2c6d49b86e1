"""What crosses HTTP: answers of metrics, what was saved, reports, versions of the parameters."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.kernel.i18n import _
from app.kernel.schemas import FromRow, Incoming, OneLine
from app.savings.measures import Correction, Outcome
from app.savings.rules.groups import Group
from app.savings.rules.metrics import MetricUnit
from app.savings.rules.model import LEFT_OUT
from app.savings.rules.parameters import Confidence, Distribution

Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Year = Annotated[int, Field(ge=1990, le=2100)]


class MetricOut(BaseModel):
    """A metric: what it means, in what unit, by what it can be grouped, and whether anyone may see it."""

    metric: str
    name: str
    meaning: str
    unit: MetricUnit
    kind: Literal["share", "mean", "count", "drawn"]
    groups: list[Group]
    is_public: bool


class RowOut(BaseModel):
    """A group. `value` with its 90 % interval, from `n` observations; null where there are no observations, or where it
    is `suppressed` as a small cell. `partial`: some of the group is published only together with others (key `*`), or
    not yet."""

    keys: dict[str, str | int]
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    suppressed: bool
    partial: bool


class QueryOut(BaseModel):
    """What was asked: whole days, both included; an empty list is all."""

    since: date
    until: date
    services: list[str]
    states: list[str]
    regions: list[str]
    unit: UUID | None
    channels: list[str]
    segment: str
    segment_values: list[str]
    group_by: list[str]


class TableOut(BaseModel):
    """A metric's answer: a page of its rows, and the total of all. `version`, `prices` and `seed` are those of the
    parameters, where the metric uses any."""

    metric: str
    name: str
    unit: MetricUnit
    query: QueryOut
    version: int | None
    prices: int | None
    seed: int | None
    total: RowOut
    rows: list[RowOut]


class IntervalOut(BaseModel):
    """A median with its 90 % interval."""

    value: float | None
    low: float | None
    high: float | None


class SavedOut(BaseModel):
    """What a group saved: hours, pesos out of pocket, and the value of the hours in pesos, which isn't part of the
    money. `n` transactions may have saved something."""

    keys: dict[str, str | int]
    n: int | None
    suppressed: bool
    partial: bool = False
    hours: IntervalOut
    mxn: IntervalOut
    value_mxn: IntervalOut


class BarOut(BaseModel):
    """How far the hours saved in all go when one parameter goes from its 5th to its 95th percentile."""

    key: str
    scope: str
    place: str
    source: str
    confidence: Confidence
    at_low: float
    at_high: float


class LeftOut(BaseModel):
    """Something the parameter doesn't cover."""

    code: str
    text: str


def what_is_left_out() -> list[LeftOut]:
    """What savings don't cover, in the reader's language."""
    return [LeftOut(code=code, text=_(sentence)) for code, sentence in LEFT_OUT.items()]


class SavingsOut(BaseModel):
    """What was saved, with the version and the seed that make it again."""

    query: QueryOut
    version: int
    prices: int
    seed: int
    draws: int
    total: SavedOut
    groups: list[SavedOut]
    bars: list[BarOut]
    leaves_out: list[LeftOut]


class ReportIn(Incoming):
    """The question of a report, and its title. What is published is what anyone may see."""

    title: OneLine = Field(min_length=3, max_length=200)
    since: date
    until: date
    service: Text | None = Field(None, max_length=60)
    state: Text | None = Field(None, max_length=2)
    region: Text | None = Field(None, max_length=40)
    channel: Text | None = Field(None, max_length=20)
    group_by: list[Text] = Field(default_factory=list, max_length=2)
    version: int | None = Field(None, ge=1, le=1_000_000)
    prices: Year | None = None


class ReportOut(BaseModel):
    """A report as it was published."""

    id: UUID
    title: str
    version: int
    since: date
    until: date
    seed: int
    draws: int
    published_at: datetime


class ReportWholeOut(ReportOut):
    """A report with its answer."""

    result: SavingsOut


class BaselineOut(FromRow):
    """A version of the parameters. A draft has no `published_at`; what is published never changes."""

    version: int
    note: str
    created_at: datetime
    created_by: UUID | None
    published_at: datetime | None
    published_by: UUID | None


class DraftIn(Incoming):
    """Why there will be a new version."""

    note: OneLine = Field(min_length=3, max_length=500)


class ParameterIn(Incoming):
    """A parameter as a distribution, with its source. pert: low, value (mode), high. beta: value successes, high
    failures. normal: value (mean), high (standard error). fixed: value."""

    distribution: Distribution
    low: Number | None = None
    value: Number
    high: Number | None = None
    unit: Text = Field(max_length=20)
    price_year: Year | None = None
    source: Text = Field(min_length=3, max_length=1_000)
    confidence: Confidence
    sample: int | None = Field(None, ge=0, le=2**31 - 1)


class ParameterOut(FromRow):
    """A parameter of a version. `scope`: a service, a kind of transaction, or empty for all. `place`: a unit, a state,
    a region, or empty for the country."""

    key: str
    scope: str
    place: str
    distribution: Distribution
    low: float | None
    value: float
    high: float | None
    unit: str
    price_year: int | None
    source: str
    confidence: Confidence
    sample: int | None


class ParameterChangeOut(FromRow):
    """What was done to a version, by whom. `parameter` is empty unless parameters were changed, `*` for all rows at
    once."""

    at: datetime
    who: str | None
    what: Literal["changed", "published", "discarded"]
    parameter: str
    before: str
    after: str


class ImportedOut(BaseModel):
    """How many parameters the draft has now."""

    parameters: int


class MeasureIn(Incoming):
    """The months whose observations are to take the place of what was assumed."""

    since: date
    until: date


class MeasuredOut(BaseModel):
    """The draft that measured parameters were written to, and how many."""

    version: int
    parameters: int


class CorrectionIn(Incoming):
    """What the person says of a transaction of theirs; null takes back what they said."""

    correction: Correction | None


class OwnSavingsOut(BaseModel):
    """Hours and pesos out of pocket, which are never added together; negative is what was lost."""

    hours: IntervalOut
    mxn: IntervalOut


class OwnTransactionOut(BaseModel):
    """A transaction that the person did online. `would_have_visited` is their answer, null without one; `correction`
    what they said in their statement."""

    id: UUID
    service: str
    day: date
    unit_id: UUID | None
    outcome: Outcome
    is_counted: bool
    is_repeat: bool
    is_followed_by_visit: bool
    would_have_visited: bool | None
    correction: Correction | None


class StatementLineOut(OwnTransactionOut):
    """A transaction in a statement, with what it saved."""

    saved: OwnSavingsOut
    is_correctable: bool


class StatementOut(BaseModel):
    """What the portal saved a person in a year, in pesos of `prices`, by the parameters of `version`. Statements begin
    with `first_year`."""

    person_id: UUID
    year: int
    first_year: int
    version: int
    prices: int
    counted: int
    total: OwnSavingsOut
    transactions: list[StatementLineOut]
    leaves_out: list[LeftOut]
