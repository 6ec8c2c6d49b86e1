"""What a file is by its content, whatever its name says."""

from io import BytesIO
from typing import Literal

import structlog
from PIL import Image
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader

log = structlog.get_logger(__name__)

Format = Literal["jpeg", "png", "webp", "pdf"]
MEDIA_TYPES: dict[str, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
DECODERS = ("JPEG", "PNG", "WEBP")
# An MPO is a JPEG with more pictures behind the first, as telephones make them: depth, the lens's other side.
IMAGES = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png", "WEBP": "webp"}
MOST_PIXELS = {"jpeg": 80_000_000, "png": 40_000_000, "webp": 40_000_000}
"""JPEG as the largest cameras of telephones make it, and decoded small. Of the others each pixel costs 4 to 16 bytes of
memory: A4 at 600 dots an inch fits, a bomb doesn't."""
MOST_PAGES = 200
PDF_MARK = b"%PDF-"


def format_of(data: bytes) -> str | None:
    """`jpeg`, `png`, `webp` or `pdf` when the bytes are one that opens; None for anything else."""
    try:
        if data[:1024].lstrip().startswith(PDF_MARK):
            # Places in the file are counted from the mark: empty lines before it are a program's slip.
            return "pdf" if _is_readable_pdf(data.lstrip()) else None
        return _image_format(data)
    except Exception as error:  # noqa: BLE001 # readers of hostile bytes fail in every way there is
        log.info("file_unreadable", reason=type(error).__name__)
        return None


def _image_format(data: bytes) -> str | None:
    with Image.open(BytesIO(data), formats=DECODERS) as image:
        kind = IMAGES[image.format or ""]
        width, height = image.size
        if width * height > MOST_PIXELS[kind]:
            return None
        image.draft(None, (1, 1))  # a JPEG is read whole all the same, into a 64th of the memory
        image.load()  # half a picture is not a picture
    return kind


def _is_readable_pdf(data: bytes) -> bool:
    reader = PdfFileReader(BytesIO(data), strict=False)
    # Many official PDFs are sealed against changes only: the empty password opens them, and nobody is asked for it.
    if reader.encrypted and reader.decrypt("").status == AuthStatus.FAILED:
        return False
    return 1 <= int(reader.root["/Pages"]["/Count"]) <= MOST_PAGES
