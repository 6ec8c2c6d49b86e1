"""File types by magic number, regardless of the name; and the accepted ones."""

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
"""HEIC, made by telephones, opens in few programs and is stored as an equivalent JPEG."""
MAX_PIXELS = {"jpeg": 80_000_000, "png": 40_000_000, "webp": 40_000_000, "heic": 60_000_000}
"""JPEG up to the resolution of telephone cameras. Other formats need more memory per pixel: A4 at 600 dpi fits, a
decompression bomb doesn't."""
MAX_PAGES = 200
HEAD_BYTES = 1_024
PDF_MAGIC = b"%PDF-"
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
    return "pdf" if head.lstrip().startswith(PDF_MAGIC) else None
