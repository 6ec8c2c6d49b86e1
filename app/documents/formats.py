"""What a file is by its first bytes, whatever its name says; and what is accepted."""

from typing import Literal

Format = Literal["jpeg", "png", "webp", "pdf"]
"""As documents are stored."""
MEDIA_TYPES: dict[str, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
STORED_AS: dict[str, str] = {"jpeg": "jpeg", "png": "png", "webp": "webp", "pdf": "pdf", "heic": "jpeg"}
"""A HEIC, as telephones make it, opens in few programs: it is stored as the JPEG that shows the same."""
MAX_PIXELS = {"jpeg": 80_000_000, "png": 40_000_000, "webp": 40_000_000, "heic": 60_000_000}
"""JPEG as the largest cameras of telephones make it. Of the others each pixel costs more memory: A4 at 600 dots an inch
fits, a bomb doesn't."""
MAX_PAGES = 200
HEAD_BYTES = 1_024
PDF_MARK = b"%PDF-"
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def kind_of(head: bytes) -> str | None:
    """`jpeg`, `png`, `webp`, `heic` or `pdf`, by the first bytes; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS:
        return "heic"
    return "pdf" if head.lstrip().startswith(PDF_MARK) else None
