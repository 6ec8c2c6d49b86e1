"""Addresses made from what someone sent lead to this host only, as a browser reads them (WHATWG URL, 4.4)."""

from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kernel.http.pages import local_path, own_path
from tests.kernel.factories import HOSTILE, host_of

letters = st.text(st.sampled_from("/\\.:?#@%25cnhost \t\n\r\x00é"), max_size=20)


@given(letters)
@example("//host/x")
@example("/\\host/x")
@example("/\t/host/x")
def test_any_text_made_a_path_stays_on_this_host(text: str) -> None:
    made = own_path(text)
    assert host_of(made) == host_of("")
    assert made.isascii()
    assert not any(letter in made for letter in "\\\t\n\r\x00 ")


@given(letters)
@example("//host/x")
@example("/\\host/x")
def test_a_way_back_that_is_taken_leads_to_this_host(text: str) -> None:
    taken = local_path(text)
    assert taken in {"", text}
    assert host_of(taken) == host_of("")


@pytest.mark.parametrize("text", HOSTILE)
def test_another_host_is_no_way_back(text: str) -> None:
    assert local_path(text) == ""


def test_an_ordinary_path_is_left_as_it_is() -> None:
    for path in ("/", "/mi", "/tramites/R-7K3M9-QXT2F-R/paso/1?next=/mi&b=%C3%A1", "/static/theme.4f2.css"):
        assert own_path(path) == path
        assert unquote(own_path("/trámites/año")) == "/trámites/año"
