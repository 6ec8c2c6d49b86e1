"""What leaves the portal: only what is listed, and nothing listed is personal."""

import base64
import hashlib
import hmac
import json
from dataclasses import fields
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier

from app.kernel.events import COMMON_FIELDS, DomainEvent, all_event_types
from app.webhooks import rules
from app.webhooks.catalogue import CATALOGUE, outgoing_members, unknown_types
from app.webhooks.cloud_events import EventToSend, encode, envelope
from app.webhooks.signatures import new_secret, sign, signed_headers

APP = Path(__file__).parents[2] / "app"
CODES = {
    "folio",
    "appointment_folio",
    "reason",
    "outcome",
    "template",
    "language",
    "from_service",
    "services",
    "shift",
    "seed_digest",
}
"""Members that are texts: folios, which say nothing, and names of ours for a service, an outcome, a shift; a digest."""
SAFE_IDS = {"request_id", "appointment_id", "superseded_by", "from_unit_id"}
"""Members that are ids: of things."""
PERSONAL_SUBJECT = ("The subject is the person", "The subject is the administrator", "of a person, the subject")
ENVELOPE = {"specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "subject", "sequence"}
WHERE = {"unit_id", "service", "service_version", "channel"}


def every_event() -> list[type[DomainEvent]]:
    for path in sorted(APP.glob("*/events.py")):
        import_module(f"app.{path.parent.name}.events")
    return [kind for kind in all_event_types() if kind.__module__.startswith("app.")]


def plain(annotation: Any) -> Any:
    """An annotation without None."""
    options = [one for one in get_args(annotation) if one is not NoneType]
    return options[0] if len(options) == 1 and NoneType in get_args(annotation) else annotation


@pytest.mark.parametrize("kind", every_event(), ids=lambda kind: kind.type)
def test_no_event_sends_what_is_personal(kind: type[DomainEvent]) -> None:
    """Every event of the log: what isn't listed has no way out; of what is, each member is of a harmless kind."""
    outgoing = CATALOGUE.get(kind.type)
    if outgoing is None:
        assert unknown_types([kind.type]) == [kind.type]
        return
    assert outgoing.kind is kind
    assert not any(words in (kind.__doc__ or "") for words in PERSONAL_SUBJECT)
    hints = get_type_hints(kind)
    own = {field.name for field in fields(kind)} - COMMON_FIELDS
    assert set(outgoing.members) <= own
    for member in outgoing.members:
        annotation = plain(hints[member])
        if annotation is UUID:
            assert member in SAFE_IDS, f"{member} of {kind.type} may be a person's"
        elif annotation in (str, list[str]):
            assert member in CODES, f"{member} of {kind.type} is a text"
        else:
            assert annotation in (int, bool, date, datetime) or get_origin(annotation) is Literal


secrets = st.just("PERSONAL")
anything = st.dictionaries(
    st.sampled_from(
        ["person_id", "actor_id", "holder_id", "full_name", "curp", "device", "reasons", "hold_id", "other"]
    ),
    secrets,
)


@given(name=st.sampled_from(sorted(CATALOGUE)), extra=anything)
def test_only_listed_members_are_in_a_body(name: str, extra: dict[str, str]) -> None:
    payload = dict.fromkeys(CATALOGUE[name].members, "listed") | extra
    event = EventToSend(UUID(int=7), name, datetime.now(UTC), 5, UUID(int=8), payload=payload)
    body = encode("https://citas.example.mx", event)
    assert b"PERSONAL" not in body
    made = json.loads(body)
    assert set(made) == ENVELOPE | {"data"}
    assert set(made["data"]) == WHERE | set(CATALOGUE[name].members)
    assert outgoing_members(name, payload) == dict.fromkeys(CATALOGUE[name].members, "listed")


@given(st.integers(min_value=-(10**12), max_value=10**15), st.integers(min_value=0, max_value=10**15))
def test_sequences_sort_as_positions(first: int, second: int) -> None:
    """Positions at and below zero are history that was written afterwards: they are never sent in order with others."""
    made = [
        envelope("", EventToSend(UUID(int=1), "holiday.removed", datetime.now(UTC), place, payload={}))["sequence"]
        for place in (first, second)
    ]
    if first >= 0:
        assert (made[0] < made[1]) == (first < second)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=4_000_000_000), st.uuids())
def test_signatures_are_what_the_standard_says(body: bytes, timestamp: int, message_id: UUID) -> None:
    secret = new_secret()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    assert sign(secret, str(message_id), timestamp, body) == f"v1,{expected}"


def test_a_known_signature() -> None:
    """The example of the specification's own library."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_either_secret_verifies_what_two_signed() -> None:
    pair = [new_secret(), new_secret()]
    now = int(datetime.now(UTC).timestamp())
    headers = signed_headers(pair, "msg", now, b"{}")
    assert len(headers["webhook-signature"].split()) == 2
    for secret in pair:
        assert Verifier(secret).verify(b"{}", headers) == {}


def test_attempts_last_a_day() -> None:
    assert 24 * 3600 <= sum(rules.WAITS) <= 28 * 3600
    assert list(rules.WAITS) == sorted(rules.WAITS)


moments = st.integers(min_value=1_767_225_600, max_value=1_798_761_600).map(
    lambda one: datetime.fromtimestamp(one, UTC)
)


@given(st.lists(st.booleans(), max_size=30), st.lists(moments, min_size=30, max_size=30))
def test_an_endpoint_fails_since_the_first_failure_after_a_success(taken: list[bool], times: list[datetime]) -> None:
    since = None
    first: datetime | None = None
    for has_taken, now in zip(taken, sorted(times), strict=False):
        since = rules.failing_since(since, has_taken=has_taken, now=now)
        first = None if has_taken else first or now
        assert since == first
        assert (rules.disabled_because(since, [], now) is not None) == (
            first is not None and now - first >= rules.DISABLED_AFTER
        )


@given(st.binary(max_size=5_000))
def test_an_answer_is_stored_as_text_of_a_kilobyte(body: bytes) -> None:
    stored = rules.stored_answer(body)
    assert "\x00" not in stored
    assert len(stored) <= rules.STORED_ANSWER
    stored.encode()
