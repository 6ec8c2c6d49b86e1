"""The token of the link in an offer of the wait list."""

import pytest

from app.kernel import ids
from app.kernel.problems import NotFound
from app.notifications.offer_links import parse_offer_link, sign_offer_link


def test_a_changed_token_is_none() -> None:
    message_id = ids.new_id()
    token = sign_offer_link(message_id)
    assert parse_offer_link(token) == message_id
    for wrong in (token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), "", "ñ" * len(token), "=" * len(token)):
        with pytest.raises(NotFound):
            parse_offer_link(wrong)
