"""A person's statement: what the portal saved them in a year, and their corrections, which the measurement takes in."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock
from app.kernel.actor import Citizen
from app.kernel.events import record
from app.kernel.problems import NotFound
from app.places.rules import DEFAULT_ZONE
from app.registry.models import Person
from app.registry.queries import family_of, own_person
from app.savings.events import TransactionCorrected
from app.savings.measures import Correction
from app.savings.models import OwnCorrection
from app.savings.queries import geography, own, versions
from app.savings.queries.own import Found
from app.savings.rules import statement
from app.savings.rules.statement import OwnTransaction, Saved


@dataclass(frozen=True, slots=True)
class Line:
    """A transaction, what it saved, and whether the person may correct it."""

    transaction: OwnTransaction
    saved: Saved
    is_correctable: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What a year saved a person: in all, and by transaction, newest first. `version` of the parameters; `prices`: the
    year whose pesos these are. `first_year`: from which there are statements."""

    person: Person
    year: int
    first_year: int
    version: int
    prices: int
    counted: int
    total: Saved
    lines: tuple[Line, ...]


def current_year() -> int:
    """The year it is in the centre of the country."""
    return clock.today(DEFAULT_ZONE).year


async def statement_of(
    session: AsyncSession, actor: Citizen, year: int | None = None, *, person_id: UUID | None = None
) -> Statement:
    """Return a year's statement, of the citizen or of a child whom they act for; None: this year's, their own.

    Raises:
        NotFound: the year is to come, or before the person's first transaction; or the person isn't theirs to act for.
    """
    person = await own_person(session, actor, person_id)
    today = clock.today(DEFAULT_ZONE)
    first = min(await own.first_year(session, person.id) or today.year, today.year)
    year = today.year if year is None else year
    if not first <= year <= today.year:
        raise NotFound
    found = await own.own_transactions(session, person.id, year)
    baseline = await versions.baseline_of(session, None)
    places = await geography.places_of(session, "U", {str(unit_id) for unit_id in own.unit_ids(found)})
    prices = max(baseline.inpc(), default=year)
    total, each = statement.saved_of(found, baseline, places, prices)
    lines = tuple(
        Line(one, saved, statement.is_correctable(one, today)) for one, saved in zip(found, each, strict=True)
    )
    counted = sum(one.is_counted for one in found)
    return Statement(person, year, first, baseline.version, prices, counted, total, lines)


def is_correctable_now(transaction: OwnTransaction) -> bool:
    """Whether the person may correct a transaction today."""
    return statement.is_correctable(transaction, clock.today(DEFAULT_ZONE))


async def transaction_of(session: AsyncSession, actor: Citizen, transaction_id: UUID) -> Found:
    """Return a transaction of the citizen, or of a child whom they act for.

    Raises:
        TransactionUnknown.
    """
    people = [member.person.id for member in await family_of(session, actor)]
    return await own.own_transaction(session, people, transaction_id)


async def correct(
    session: AsyncSession, actor: Citizen, transaction_id: UUID, correction: Correction | None
) -> OwnTransaction:
    """Store what the person says of a transaction; None takes it back. The same again changes nothing.

    Raises:
        TransactionUnknown: there is none, it isn't theirs or wasn't done online. CorrectionClosed: it wasn't completed,
        repeats another, or was too long ago.
    """
    found = await transaction_of(session, actor, transaction_id)
    transaction = found.transaction
    if transaction.correction == correction:
        return transaction
    statement.require_correctable(transaction, clock.today(DEFAULT_ZONE))
    values = {"correction": correction, "changed_at": clock.now()}
    stored = insert(OwnCorrection).values(
        person_id=found.person_id, service=found.of_service, id=transaction_id, **values
    )
    await session.execute(stored.on_conflict_do_update(index_elements=["person_id", "service", "id"], set_=values))
    event = TransactionCorrected(
        subject_id=transaction_id,
        person_id=found.person_id,
        service=found.of_service,
        seconds=0.0,  # time spent on the statement is none of the transaction's
        correction=correction,
    )
    await record(session, actor, event)
    return (await own.own_transaction(session, [found.person_id], transaction_id)).transaction
