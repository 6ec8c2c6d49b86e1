"""A receiver of webhooks, and a mail server."""

from collections.abc import AsyncIterator, Iterator

import pytest

from app.kernel.outbound import close_outbound_client
from tests.notifications.mailbox import Mailbox, open_mailbox
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    async with receiving(monkeypatch) as receiver:
        yield receiver
        await close_outbound_client()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with open_mailbox(monkeypatch) as mailbox:
        yield mailbox
