"""Responses with stored documents, served with their validated type and without active content."""

import re
from unicodedata import combining, normalize
from urllib.parse import quote

from fastapi import Response

from app.documents.formats import MEDIA_TYPES
from app.documents.models import Document

INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
INERT_PDF = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""No `sandbox`: it stops the PDF viewers of Safari and Firefox, and Chromium's, a process of its own, ignores it."""


def file_response(document: Document, data: bytes, *, inline: bool) -> Response:
    """Serve the document in the browser's viewer (`inline`, also in our frames) or as a download."""
    is_pdf = document.media_type == MEDIA_TYPES["pdf"]
    headers = {
        "Content-Disposition": disposition("inline" if inline else "attachment", document.file_name),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": INERT_PDF if is_pdf else INERT,
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(data, media_type=document.media_type, headers=headers)


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition (RFC 6266) with the name twice: in ASCII, and as it is (RFC 8187)."""
    bare = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", bare)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
