"""Benchmarks run the statements of today: a value that a statement has got since would stop them."""

from typing import Any

import pytest

from app.appointments import sql as appointments
from app.requests.service import claims
from bench import officers, pgbench


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (appointments.LOAD_HELD, pgbench.COMMON),
        (appointments.BOOK, pgbench.COMMON),
        (appointments.LOAD_PLACE, pgbench.COMMON),
        (appointments.HOLD, pgbench.COMMON),
        (claims.CLAIM_AT_ONCE, officers.CLAIM_VALUES),
    ],
    ids=["load held", "book", "load place", "hold", "claim"],
)
def test_the_limit_has_every_value_of_the_statement(statement: Any, values: dict[str, str]) -> None:
    assert {name for name in pgbench.BIND.findall(statement.text) if name not in values} == set()
