"""What a file is by its content, whatever its name says."""

from io import BytesIO
from typing import Literal

from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

Format = Literal["jpeg", "png", "webp", "pdf"]
MEDIA_TYPES: dict[str, str] = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
IMAGES = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp"}
MOST_PIXELS = 80_000_000
MOST_PAGES = 200
PDF_MARK = b"%PDF-"


def format_of(data: bytes) -> str | None:
    """`jpeg`, `png`, `webp` or `pdf` when the bytes are one that opens; None for anything else."""
    if data[:1024].lstrip().startswith(PDF_MARK):
        return "pdf" if _is_readable_pdf(data) else None
    return _image_format(data)


def _image_format(data: bytes) -> str | None:
    try:
        with Image.open(BytesIO(data), formats=tuple(IMAGES)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return None
            kind = IMAGES.get(image.format or "")
            image.load()  # half a picture is not a picture
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    return kind


def _is_readable_pdf(data: bytes) -> bool:
    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return False
        return 1 <= int(reader.root["/Pages"]["/Count"]) <= MOST_PAGES
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError, OSError):
        return False
