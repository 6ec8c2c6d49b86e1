"""The header says which kind of file it is; for one that fits none, what it lacks is reported."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.registry.importers.layouts import layout_of
from tests.registry.factories import COVERAGE, PANELS, SICK_LEAVE, WITHDRAWALS
from tests.registry.files import DEPENDANTS, PEOPLE, PERIODS

FILES = {
    "people": PEOPLE,
    "periods": PERIODS,
    "dependants": DEPENDANTS,
    "sick leave": SICK_LEAVE,
    "withdrawals": WITHDRAWALS,
    "coverage": COVERAGE,
    "panels": PANELS,
}


@given(st.sampled_from(list(FILES)), st.randoms(use_true_random=False))
def test_each_header_is_known_in_any_order_and_with_more_columns(name: str, chance: Random) -> None:
    columns = [*FILES[name].split(","), "remarks", "nombre"]
    chance.shuffle(columns)
    assert layout_of([f" {column.upper()}" for column in columns]).name == name


@pytest.mark.parametrize("name", FILES)
def test_a_header_without_a_column_names_it(name: str) -> None:
    columns = FILES[name].split(",")
    for lacking in columns:
        with pytest.raises(RuntimeError, match=f"a file of {name} it lacks the columns {lacking}:"):
            layout_of([column for column in columns if column != lacking])


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (SICK_LEAVE + ",employer,ends_on", "sick leave"),
        (WITHDRAWALS + ",nss,given_names,first_surname,second_surname", "withdrawals"),
        (PERIODS + ",folio,weeks", "periods"),
        (PANELS + ",postal_code,assigned", "panels"),
        (DEPENDANTS + ",protected", "dependants"),
    ],
)
def test_columns_of_another_kind_do_not_mislead(header: str, name: str) -> None:
    assert layout_of(header.split(",")).name == name


@pytest.mark.parametrize("header", ["curp,given_names,clues,postal_code", "curp,clues,postal_code"])
def test_where_people_live_is_never_taken_for_what_a_unit_serves(header: str) -> None:
    with pytest.raises(RuntimeError, match="it lacks the columns"):
        layout_of(header.split(","))


@pytest.mark.parametrize("header", [[], [""], ["name", "age"]])
def test_a_header_of_nothing_known_is_compared_with_people(header: list[str]) -> None:
    with pytest.raises(RuntimeError, match=r"a file of people it lacks the columns curp, nss, .*docs/data-files\.md"):
        layout_of(header)
