"""A mail server for a test, and the scene of requests: a unit with a citizen and an officer."""

from collections.abc import Iterator

import pytest

from tests.appointments.conftest import working_days
from tests.notifications.gateway import Gateway, open_gateway
from tests.notifications.mailbox import Mailbox, open_mailbox
from tests.requests.conftest import files, scene

__all__ = ["files", "gateway", "mailbox", "scene", "working_days"]


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    with open_gateway(monkeypatch) as gateway:
        yield gateway
