"""The links in the last reminder that arrived, as paths."""

import re

from tests.notifications.mailbox import Mailbox, plain


def links(mailbox: Mailbox) -> dict[str, str]:
    """By the first word of what each is for."""
    body = plain(mailbox.got[-1])
    found = re.findall(r"^(Sí voy|Quiero otro horario|No puedo ir): \S+(/r/\S+)\s*$", body, re.MULTILINE)
    return {name.split()[0]: path for name, path in found}
