"""Notices that the address of a page asks for: what a button did just now, or that it did nothing.

Anyone can write an address and send it, so a page believes such a field only with a signature: a keyed digest of the
whole address and of the reader whom the button led there. It holds for the day on which it was made and the next; the
notices of an address without it are left out.
"""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qsl, unquote

from fastapi import Request

from app.kernel import clock
from app.kernel.crypto import hmac_digest, verify_hmac_digest
from app.places.rules import DEFAULT_ZONE

NOTICE_FIELDS = frozenset({"anotado", "aviso", "hecho", "listo", "medidas"})
"""What of an address only a signature makes true."""
SIGNATURE_FIELD = "firma"
PURPOSE = "page notice"
SIGNATURE_BYTES = 12
DAYS = 2


def signed(owner: str, address: str) -> str:
    """An address of ours, without the language, signed for its reader if it has a notice."""
    page, mark, anchor = address.partition("#")
    path, _sign, query = page.partition("?")
    fields = [part for part in query.split("&") if part.partition("=")[0] != SIGNATURE_FIELD]
    if not any(part.partition("=")[0] in NOTICE_FIELDS for part in fields):
        return address
    query = "&".join(fields)
    today = clock.today(DEFAULT_ZONE).isoformat()
    signature = hmac_digest(PURPOSE, _signed_text(owner, path, query, today))[:SIGNATURE_BYTES].hex()
    return f"{path}?{query}&{SIGNATURE_FIELD}={signature}{mark}{anchor}"


def notice(request: Request, owner: str, name: str) -> str:
    """The value of a notice field of the address, if a button led its reader there; else nothing."""
    value = request.query_params.get(name, "")
    return value if value and _is_signed(request, owner) else ""


def _is_signed(request: Request, owner: str) -> bool:
    path, query = str(request.scope["path"]), request.scope["query_string"].decode("latin-1")
    fields = query.split("&")
    signatures = [part.partition("=")[2] for part in fields if part.partition("=")[0] == SIGNATURE_FIELD]
    if len(signatures) != 1 or len(signatures[0]) != 2 * SIGNATURE_BYTES:
        return False
    try:
        signature = bytes.fromhex(signatures[0])
    except ValueError:
        return False
    rest = "&".join(part for part in fields if part.partition("=")[0] != SIGNATURE_FIELD)
    today = clock.today(DEFAULT_ZONE)
    days = [(today - timedelta(days=ago)).isoformat() for ago in range(DAYS)]
    texts = [_signed_text(owner, path, rest, day) for day in days]
    return any(verify_hmac_digest(PURPOSE, text, signature, length=SIGNATURE_BYTES) for text in texts)


def _signed_text(owner: str, path: str, query: str, day: str) -> str:
    fields = parse_qsl(query, keep_blank_values=True)
    return json.dumps([owner, unquote(path), fields, day], ensure_ascii=False)
