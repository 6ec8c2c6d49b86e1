"""Benchmarks run the statements of today: a value that a statement has got since would stop them."""

from typing import Any

import pytest

from app.appointments import statements as appointments
from app.requests.service import claims
from bench import officers, pgbench


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (appointments.DECIDE_ON_HOLD, pgbench.COMMON),
        (appointments.BOOK, pgbench.COMMON),
        (appointments.DECIDE_ON_PLACE, pgbench.COMMON),
        (appointments.HOLD, pgbench.COMMON),
        (claims.CLAIM_AT_ONCE, officers.CLAIM_VALUES),
    ],
    ids=["decide on hold", "book", "decide on place", "hold", "claim"],
)
def test_the_limit_has_every_value_of_the_statement(statement: Any, values: dict[str, str]) -> None:
    assert {name for name in pgbench.BIND.findall(statement.text) if name not in values} == set()
