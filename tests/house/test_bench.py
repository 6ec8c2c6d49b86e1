"""Benchmarks run the statements of today: a value that a statement has got since would stop them."""

from typing import Any

import pytest

from app.appointments import sql as appointments
from app.requests import sql as requests
from bench import limit, office


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (appointments.LOAD_HELD, limit.COMMON),
        (appointments.BOOK, limit.COMMON),
        (appointments.LOAD_PLACE, limit.COMMON),
        (appointments.HOLD, limit.COMMON),
        (requests.CLAIM_AT_ONCE, office.CLAIM_VALUES),
    ],
    ids=["load held", "book", "load place", "hold", "claim"],
)
def test_the_limit_has_every_value_of_the_statement(statement: Any, values: dict[str, str]) -> None:
    assert {name for name in limit.BIND.findall(statement.text) if name not in values} == set()
