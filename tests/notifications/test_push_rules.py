"""What answers of push services mean, how long a notice is of use, and what is a key."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notifications.push_rules import (
    LONGEST_TTL,
    LONGEST_WAIT,
    Outcome,
    browser_name,
    is_auth_secret,
    is_public_key,
    outcome_of,
    ttl_of,
    wait_of,
)
from app.notifications.templates.declarations import Part
from app.notifications.templates.defaults import templates

NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)


@given(st.integers(100, 599))
def test_every_answer_has_one_meaning(status: int) -> None:
    outcome = outcome_of(status)
    assert (outcome is Outcome.TAKEN) == (200 <= status < 300)
    assert (outcome is Outcome.ENDED) == (status in (404, 410))
    if status >= 500 or status in (401, 403, 429):
        assert outcome is Outcome.LATER
    if status in (301, 302, 307, 400, 413):
        assert outcome is Outcome.REFUSED


@given(st.text(max_size=40) | st.integers(-(10**12), 10**12).map(str))
def test_a_wait_is_never_negative_nor_longer_than_an_hour(asked: str) -> None:
    assert timedelta(0) <= wait_of(asked, NOW) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("", 0), ("120", 120), ("99999999999999", 3600), ("٣٠", 0), (format_datetime(NOW + timedelta(minutes=5)), 300)],
)
def test_a_wait_is_seconds_or_a_date(asked: str, seconds: int) -> None:
    assert wait_of(asked, NOW).total_seconds() == seconds


@given(st.timedeltas(timedelta(days=-40), timedelta(days=4000)))
def test_a_notice_is_kept_until_it_is_of_no_use(left: timedelta) -> None:
    assert 0 <= ttl_of(NOW + left, NOW) <= max(0, min(left, LONGEST_TTL).total_seconds())


def test_keys_are_points_and_secrets_of_their_length() -> None:
    base = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    assert is_public_key(base), "the key of RFC 8291, appendix A"
    assert not is_public_key(f"{base[:-2]}AA"), "a point that isn't on the curve"
    assert is_auth_secret("BTBZMqHH6r4Tts7J_aSIgg")
    assert not is_auth_secret("BTBZMqHH6r4Tts7J_aSI")
    assert not is_auth_secret("á")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("curl/8.0", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name


def test_no_push_notice_has_data() -> None:
    pushed = [one for one in templates().values() if Part.PUSH in one.parts]
    assert len(pushed) > 20
    for template in pushed:
        assert not any(Part.PUSH in datum.parts for datum in template.data.values())
        assert not any("{" in wording.push for wording in template.defaults.values())
        assert not any(template.opens.endswith(end) for end in ("/", "}"))
