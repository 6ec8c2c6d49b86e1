"""Words of requests that depend on what kind of service it is."""

import pytest

from app.catalog.loader import load_services
from app.requests.labels import state_words
from app.web.rendering import lower_first
from app.web.request_labels import check_stands


@pytest.mark.parametrize("service", ["sick-leave", "nss-find", "weeks", "vigencia", "not-insured"])
def test_what_only_informs_is_answered(service: str) -> None:
    assert service in load_services()
    assert state_words(service, "final", "approved") == "Contestada"
    assert state_words(service, "final", "refused") == "Negada"


def test_what_changes_something_is_approved() -> None:
    assert state_words("nss-assign", "final", "approved") == "Aprobada"


@pytest.mark.parametrize(
    ("outcome", "otherwise", "is_decided", "stands"),
    [
        ("pass", "review", False, "pass"),
        ("fail", "refuse", False, "fail"),
        ("fail", "review", False, "unknown"),
        ("fail", "review", True, "reviewed"),
        ("unknown", "review", False, "unknown"),
    ],
)
def test_what_an_officer_looks_at_is_not_against_anyone(
    outcome: str, otherwise: str, is_decided: bool, stands: str
) -> None:
    assert check_stands(outcome, otherwise, is_decided) == stands


@pytest.mark.parametrize(
    ("key", "said"),
    [("CLABE", "CLABE"), ("CURP del menor", "CURP del menor"), ("AFORE", "AFORE"), ("Correo", "correo"), ("", "")],
)
def test_initials_stay_capitals(key: str, said: str) -> None:
    assert lower_first(key) == said
