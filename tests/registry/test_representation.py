"""From the 18th birthday on, by the day of the unit, people decide for themselves."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select, text

from app.registry.models import Dependant
from app.registry.representation import ADULT, acts_for, is_minor_sql
from app.registry.rules import age_on
from tests.appointments import factories as places
from tests.conftest import Database

BIRTHS = st.dates(date(1900, 1, 1), date(2030, 12, 31))
DAY = timedelta(days=1)


@given(BIRTHS, st.integers(-800, 800))
def test_it_changes_once_on_the_birthday_and_never_back(birth_on: date, offset: int) -> None:
    leap = (birth_on.month, birth_on.day) == (2, 29)
    year = birth_on.year + 18
    birthday = date(year, 3, 1) if leap and year % 4 else birth_on.replace(year=year)
    day = birthday + offset * DAY
    assert (age_on(birth_on, day) >= ADULT) == (offset >= 0)


async def test_the_database_says_the_same_around_every_birthday(db: Database) -> None:
    births = [date(2000, 1, 1) + n * DAY for n in range(1462)]
    around = [
        (birth, date(birth.year + 18, 1, 1) + timedelta(days=birth.timetuple().tm_yday - 1 + n))
        for birth in births
        for n in (-2, -1, 0, 1, 2)
    ]
    minor = is_minor_sql("birth", "day")
    asked = text(
        f"SELECT birth, day, {minor} FROM unnest(CAST(:births AS date[]), CAST(:days AS date[])) x(birth, day)"
    )
    async with db.transaction() as session:
        rows = (
            await session.execute(asked, {"births": [b for b, _d in around], "days": [d for _b, d in around]})
        ).all()
        assert all(is_minor == (age_on(birth, day) < ADULT) for birth, day, is_minor in rows)
        holder = await places.person(session)
        child = await places.person(session, birth_on=date(2008, 2, 29))
        session.add(Dependant(holder_id=holder.id, person_id=child.id, kinship="child", starts_on=date(2010, 1, 1)))
        await session.flush()
        for day, expected in ((date(2026, 2, 28), True), (date(2026, 3, 1), False)):
            found = await session.scalar(select(acts_for(literal(child.birth_on), day)).select_from(Dependant))
            assert found is expected
