"""Reports of delivery: in any order and any number of times, a message ends in one state."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import ids
from app.notifications import return_paths
from app.notifications.delivery_rules import (
    BY_STATUS,
    DeliveryState,
    Report,
    Reported,
    ReportKind,
    is_about_contact,
    report_kind_of,
    state_of,
)
from app.notifications.report_signatures import is_signed, parse_secrets, sign

START = datetime(2026, 12, 1, 12, tzinfo=UTC)
reports = st.builds(
    Report,
    st.sampled_from(ReportKind),
    st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.sampled_from([None, "5.1.1", "5.7.1", "4.2.2"]),
)


def after(taken: list[Report]) -> Reported:
    reported = Reported()
    for one in taken:
        reported = reported.with_report(one)
    return reported


@given(st.lists(reports, max_size=6), st.data())
def test_the_order_and_the_number_of_reports_change_nothing(taken: list[Report], data: st.DataObject) -> None:
    again = data.draw(st.permutations(taken + data.draw(st.lists(st.sampled_from(taken))) if taken else []))
    assert after(again) == after(taken)


@given(st.lists(reports, min_size=1, max_size=6), st.sampled_from(sorted(BY_STATUS)))
def test_the_last_end_counts(taken: list[Report], status: str) -> None:
    ends = [one for one in taken if one.kind is not ReportKind.DELAYED]
    state = state_of(status, after(taken))
    if not ends:
        assert state in (BY_STATUS[status], DeliveryState.DELAYED)
        return
    latest = max(one.at for one in ends)
    kinds = {one.kind for one in ends if one.at == latest}
    expected = DeliveryState.DELIVERED if ReportKind.DELIVERED in kinds else DeliveryState.FAILED
    assert state is expected


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", ReportKind.FAILED),
        ("failed", "4.4.7", ReportKind.DELAYED),
        ("delayed", "4.2.2", ReportKind.DELAYED),
        ("delivered", "2.0.0", ReportKind.DELIVERED),
        ("relayed", "2.0.0", None),
        ("expanded", "2.0.0", None),
        ("", "", None),
    ],
)
def test_what_a_notification_says(action: str, status: str, kind: ReportKind | None) -> None:
    assert report_kind_of(action, status) is kind


def test_a_contact_is_blamed_for_its_own_failures_only() -> None:
    assert [is_about_contact(code) for code in ("5.1.1", "5.2.1", "5.0.0", None, "invalid-number")] == [True] * 5
    assert [is_about_contact(code) for code in ("5.7.1", "5.4.4", "5.3.0", "5.6.1")] == [False] * 4


def test_a_return_path_names_its_message_and_no_other() -> None:
    one, other = ids.new_id(), ids.new_id()
    path = return_paths.return_path("rebotes@citas.ejemplo.mx", one)
    assert path.startswith("rebotes+")
    assert len(path.partition("@")[0]) <= 64
    assert return_paths.message_id_of(["otra@ejemplo.mx", f"Rebotes <{path.upper()}>"]) == one
    forged = return_paths.token_of(other)[:26] + return_paths.token_of(one)[26:]
    for wrong in (forged, "", "a" * 42, "á" * 42, "8" * 42):
        assert return_paths.message_id_of([f"rebotes+{wrong}@citas.ejemplo.mx"]) is None


KEY = "whsec_" + "A" * 32
OLD = "whsec_" + "B" * 32


@pytest.mark.parametrize(("seconds", "is_taken"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)])
def test_a_signature_serves_for_five_minutes(seconds: int, is_taken: bool) -> None:
    keys, at = parse_secrets(f"{KEY} {OLD}"), int(START.timestamp())
    for key in keys:
        signature = f"v1,nada {sign(key, 'id', at, b'cuerpo')}"
        given_at = {"message_id": "id", "timestamp": str(at), "signature": signature}
        now = START + timedelta(seconds=seconds)
        assert is_signed(keys, b"cuerpo", **given_at, now=now) is is_taken
        assert not is_signed(keys, b"otro", **given_at, now=now)
        assert not is_signed(keys, b"cuerpo", **given_at | {"message_id": "otro"}, now=now)
        assert not is_signed(keys, b"cuerpo", **given_at | {"timestamp": "ayer"}, now=now)
        assert not is_signed(keys[:1] if key is keys[1] else keys[1:], b"cuerpo", **given_at, now=now)


@pytest.mark.parametrize("text", ["whsec_", "whsec_AAAA", "whsec_ñ", "corta"])
def test_a_secret_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse_secrets(text)
