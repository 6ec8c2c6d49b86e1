"""A mail server for a test, and the scene of requests: a unit with a citizen and an officer."""

from collections.abc import Iterator

import pytest

from tests.notifications.post_office import PostOffice, open_office
from tests.requests.conftest import files, scene

__all__ = ["files", "office", "scene"]


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with open_office(monkeypatch) as office:
        yield office
