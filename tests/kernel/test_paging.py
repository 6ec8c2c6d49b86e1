"""A cursor of ours is read back; any other text is one refusal."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.kernel.paging import decode_cursor, encode_cursor, id_after, position_after
from app.kernel.parsing import iso_instant
from app.kernel.problems import Invalid


def cursor_of(values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


@given(seconds=st.integers(-2_000_000_000, 30_000_000_000), row_id=st.uuids())
def test_a_cursor_is_read_back(seconds: int, row_id: UUID) -> None:
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    cursor = encode_cursor(moment.isoformat(), str(row_id))
    assert position_after(decode_cursor(cursor), iso_instant, UUID) == (moment, row_id)


@given(text=st.text(max_size=300))
@example(cursor_of(["0001-01-01T00:00:00+14:00", "018f0000-0000-7000-8000-000000000000"]))
@example(cursor_of(["9999-12-31T23:59:59-12:00", "018f0000-0000-7000-8000-000000000000"]))
@example(cursor_of(["\ud800", "x"]))
@example(cursor_of([1, 2]))
@example(cursor_of({"a": 1}))
@example(cursor_of([None, None]))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        position_after(decode_cursor(text), iso_instant, UUID)


def test_the_first_page_has_no_place() -> None:
    assert position_after(None, iso_instant, UUID) is None
    assert id_after(None) is None
