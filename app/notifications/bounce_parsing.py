"""Reads a delivery status notification (RFC 3464) in a child process: untrusted bytes, from anyone who sends mail."""

from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import IO, Any

LONGEST = 1 << 20
MOST_PARTS, MOST_RECIPIENTS, MOST_ADDRESSES, MOST_LETTERS = 20, 20, 20, 320
TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")


def parse(read: IO[bytes], _write: IO[bytes]) -> dict[str, Any]:
    """`{"addresses": to which it came, "reports": [{"action": ..., "status": ...}], "date": ...}`; no reports: it is
    another kind of mail."""
    read.seek(0)
    mail = message_from_bytes(read.read(LONGEST))
    addresses = [str(value)[:MOST_LETTERS] for name in TO for value in mail.get_all(name, [])][:MOST_ADDRESSES]
    return {"addresses": addresses, "reports": _reports(mail), "date": _date(mail)}


def _reports(mail: Message) -> list[dict[str, str]]:
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return []
    found: list[dict[str, str]] = []
    for part in mail.get_payload()[:MOST_PARTS]:  # type: ignore[index] # a list, as it is multipart
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status" and part.is_multipart():
            blocks = part.get_payload()
            found += [_recipient(one) for one in blocks if isinstance(one, Message) and one["Action"]]
    return found[:MOST_RECIPIENTS]


def _recipient(block: Message) -> dict[str, str]:
    return {
        "action": str(block["Action"]).strip().lower()[:20],
        "status": str(block["Status"] or "").split("(")[0].strip()[:20],
    }


def _date(mail: Message) -> str | None:
    try:
        date = parsedate_to_datetime(str(mail["Date"]))
        return date.isoformat() if date.tzinfo is not None else None
    except (TypeError, ValueError):
        return None
