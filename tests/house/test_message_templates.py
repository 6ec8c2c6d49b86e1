"""Every text that a person gets is a template: nothing else makes a text of a message, and nothing else sends one."""

import ast
from pathlib import Path

import pytest

from app.notifications.labels import MESSAGE_NAMES
from app.notifications.templates.defaults import templates
from tests.house.source import APP, content, files, name_of, nodes

NOTICES, SERVICE = "app/notifications/composers/notices.py", "app/notifications/service.py"
TRANSPORT, CONNECTIONS = "app/notifications/transport.py", "app/notifications/connections.py"
ONLY_IN = {
    "MessageText": NOTICES,
    "send_mail": SERVICE,
    "send_sms": SERVICE,
    "EmailMessage": TRANSPORT,
    "gateway_client": TRANSPORT,
    "encrypt_payload": "app/notifications/push_transport.py",
    "PushNotice": "app/notifications/push_delivery.py",
}
"""Where each of these is called: a text is rendered from its template, and what is sent was rendered."""


def callers(path: Path) -> list[str]:
    """The names of `ONLY_IN` that a file calls."""
    called = [node.func for node in nodes(path) if isinstance(node, ast.Call)]
    names = [one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in called]
    return [name for name in names if name in ONLY_IN]


def test_every_kind_of_message_has_a_template() -> None:
    assert {one.event for one in templates().values()} == set(MESSAGE_NAMES)


@pytest.mark.parametrize("name", sorted(ONLY_IN))
def test_texts_are_made_and_sent_in_one_place(name: str) -> None:
    places = {name_of(path) for path in files(APP) if name in content(path) and name in callers(path)}
    assert places == {ONLY_IN[name]}, f"use a template of app/notifications/templates/texts instead of {name}"


def test_only_the_transport_speaks_to_a_mail_server() -> None:
    speaking = {name_of(path) for path in files(APP) if "aiosmtplib" in content(path) or "smtplib" in content(path)}
    assert speaking == {TRANSPORT, CONNECTIONS}
