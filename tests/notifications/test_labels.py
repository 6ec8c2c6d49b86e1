"""Every message has a name for the staff who see that it didn't arrive."""

from app.identity.events import CodeRequested
from app.notifications.composers import COMPOSERS
from app.notifications.composers.reminders import REMINDER
from app.notifications.labels import MESSAGE_NAMES
from app.notifications.rules import WEBHOOK_DISABLED


def test_every_message_that_is_composed_has_a_name() -> None:
    assert set(MESSAGE_NAMES) == {*COMPOSERS, CodeRequested.type, REMINDER, WEBHOOK_DISABLED}
