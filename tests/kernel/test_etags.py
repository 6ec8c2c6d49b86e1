"""If-Match as RFC 9110 has it: lists, weak tags that match nothing, `*`, and what no program of ours sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.etags import etag, parse_if_match, require_match, require_version, versions_of
from app.kernel.problems import PreconditionRequired, Stale


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3"', {3}),
        ("3", {3}),
        ('"1", "3" ,"12"', {1, 3, 12}),
        ('W/"3"', set()),
        ('W/"3", "4"', {4}),
        ('"²"', set()),
        ("²", set()),
        ("٣", set()),
        ('"' + "9" * 60 + '"', set()),
        ("", set()),
        ('"a,b", "5"', {5}),
        ('"3', set()),
    ],
)
def test_the_versions_a_header_accepts(header: str, versions: set[int]) -> None:
    assert versions_of(header) == frozenset(versions)


def test_a_star_accepts_whichever_is_current() -> None:
    assert versions_of(" * ") is None
    require_match("*", 7)
    require_version(None, 7)


def test_no_header_is_refused() -> None:
    for read in (parse_if_match, versions_of):
        with pytest.raises(PreconditionRequired):
            read(None)


def test_a_refusal_names_the_current_version() -> None:
    with pytest.raises(Stale) as raised:
        require_version(frozenset({1, 2}), 3)
    assert raised.value.headers == {"ETag": '"3"'}
    with pytest.raises(Stale) as raised:
        require_match('W/"3"', 3)
    assert raised.value.headers == {"ETag": '"3"'}


@given(numbers=st.sets(st.integers(0, 10**9), max_size=8), current=st.integers(0, 10**9))
def test_a_list_accepts_exactly_its_versions(numbers: set[int], current: int) -> None:
    header = ", ".join(etag(number) for number in numbers)
    assert versions_of(header) == frozenset(numbers)
    if current in numbers:
        require_version(versions_of(header), current)
    else:
        with pytest.raises(Stale):
            require_version(versions_of(header), current)


@given(header=st.text(max_size=200))
def test_any_header_is_read(header: str) -> None:
    accepted = versions_of(header)
    assert accepted is None or isinstance(accepted, frozenset)
