"""How many people a group has at least, for every group of a table and its wholes, in one statement.

People are counted within a service and a period, each once; of several services or periods it is only known that they
are at least as many as the most of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.savings.queries.sums import counted_in, key_of, parameters, source
from app.savings.rules.plan import Plan, Question
from app.savings.rules.suppression import ALL, Cell

Db = AsyncConnection | AsyncSession


async def sizes_of_errands(db: Db, question: Question, plan: Plan, over: Iterable[str]) -> dict[Cell, int]:
    """People by group with errands; where a metric is told from `over` (sums of observations), no more than those."""
    keys = [key_of(name, plan) for name in question.by]
    # A unit's errands mark the first of a person in a period, so they are counted by it.
    period = f"date_trunc('{counted_in(question)}', period)" if plan.from_errands else "period"
    statement = statement_of(keys, source(question, plan), period, "people", over, there="errands")
    return await sizes(db, statement, len(keys), parameters(question, plan))


def statement_of(keys: Iterable[str], from_: str, period: str, people: str, over: Iterable[str], *, there: str) -> str:
    """Groups and wholes with their people (at least), their observations, and how many rows are `there`."""
    names = [f"k{number}" for number, _key in enumerate(keys)]
    chosen = "".join(f"{key} AS {name}, " for name, key in zip(names, keys, strict=True))
    cube = f"CUBE ({', '.join(names)}), " if names else ""
    listed = "".join(f"{name}, " for name in names)
    mask = f"grouping({', '.join(names)})" if names else "0"
    counted = " + ".join(over) or people
    return (
        f"SELECT {listed}mask, max(people)::bigint AS people, sum(n)::bigint AS n, sum(there)::bigint AS there"
        f" FROM (SELECT {listed}{mask} AS mask, sum(people) AS people, sum(n) AS n, sum(there) AS there"
        f" FROM (SELECT {chosen}{period} AS p, service AS s, {people} AS people, {counted} AS n, {there} AS there"
        f" FROM ({from_}) c) x GROUP BY {cube}p, s) y GROUP BY {listed}mask"
    )


async def sizes(db: Db, statement: str, keys: int, asked: Mapping[str, Any]) -> dict[Cell, int]:
    """The answer of such a statement. Who has rows but no known person counts as one: somebody was there."""
    found: dict[Cell, int] = {}
    for row in (await db.execute(text(statement), asked)).all():
        cell = tuple(ALL if row.mask >> (keys - 1 - d) & 1 else row[d] for d in range(keys))
        known = max(row.people, 1) if row.there else 0
        found[cell] = min(known, row.n)
    return found
