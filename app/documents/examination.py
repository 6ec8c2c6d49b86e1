"""Validates an uploaded file in a child process: its format, whether it opens, and the copy of it to store.

Pictures are stored upright and without metadata; HEIC as JPEG; PDF unchanged.
"""

from io import BytesIO
from typing import IO, Any

import pillow_heif
from PIL import Image, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader

from app.documents.formats import HEAD_BYTES, MAX_PAGES, MAX_PIXELS, STORED_AS, kind_of
from app.documents.metadata import TooManyScans, strip_jpeg, strip_png, strip_webp

pillow_heif.options.THUMBNAILS = False
pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.AUX_IMAGES = False
pillow_heif.register_heif_opener()

DECODERS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
STRIP = {"jpeg": strip_jpeg, "png": strip_png, "webp": strip_webp}
ORIENTATION, UPRIGHT = 0x0112, 1
QUALITY = 92
DPI = 72


class Refused(Exception):  # noqa: N818 # not a fault: the answer
    """Why the file is rejected: `damaged`, `locked`, `pages`, `pixels`, `scans`, `unknown`, `empty`."""


def examine(read: IO[bytes], write: IO[bytes]) -> dict[str, Any]:
    """`{"format": ..., "written": ...}`, where `written` says that the copy to store is in `write` rather than
    the file itself; or `{"refused": reason}`."""
    read.seek(0)
    data = read.read()
    try:
        kind = _require_known(data)
        stored = _picture(kind, data) if kind != "pdf" else None
        if stored is None:
            _require_readable_pdf(data)
    except Refused as refused:
        return {"refused": str(refused)}
    except TooManyScans:
        return {"refused": "scans"}
    except Image.DecompressionBombError:
        return {"refused": "pixels"}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 # readers of hostile bytes fail in every way there is
        return {"refused": "damaged", "because": type(error).__name__}
    if stored is not None:
        write.write(stored)
    return {"format": STORED_AS[kind], "written": stored is not None}


def _require_known(data: bytes) -> str:
    if not data:
        raise Refused("empty")
    kind = kind_of(data[:HEAD_BYTES])
    if kind is None:
        raise Refused("unknown")
    return kind


def _require_readable_pdf(data: bytes) -> None:
    # Offsets are relative to the header; some programs write empty lines before it.
    reader = PdfFileReader(BytesIO(data.lstrip()), strict=False)
    # Many official PDFs are protected only against changes and open with an empty password.
    if reader.encrypted and reader.decrypt("").status == AuthStatus.FAILED:
        raise Refused("locked")
    pages = int(reader.root["/Pages"]["/Count"])
    if pages < 1:
        raise Refused("damaged")
    if pages > MAX_PAGES:
        raise Refused("pages")


def _picture(kind: str, data: bytes) -> bytes:
    with _opened(kind, data) as image:
        width, height = image.size
        if width * height > MAX_PIXELS[kind]:
            raise Refused("pixels")
        if kind == "heic":
            return _encoded(image, "JPEG")  # libheif has applied the orientation already
        orientation = image.getexif().get(ORIENTATION, UPRIGHT)
    bare = STRIP[kind](data)
    with _opened(kind, bare) as image:
        if orientation not in range(2, 9):
            if kind == "jpeg":
                image.draft(None, (1, 1))  # it is still decoded to its end, in a 64th of the memory
            image.load()  # reject truncated pictures
            return bare
        image.getexif()[ORIENTATION] = orientation
        return _encoded(image, DECODERS[kind])


def _opened(kind: str, data: bytes) -> ImageFile.ImageFile:
    return Image.open(BytesIO(data), formats=[DECODERS[kind]])


def _encoded(image: ImageFile.ImageFile, kind: str) -> bytes:
    """Re-encode the picture upright, with its colour profile and no other metadata."""
    given: dict[str, Any] = {"PNG": {"compress_level": 3}, "WEBP": {"quality": QUALITY, "method": 2}}.get(kind, {})
    if isinstance(image, JpegImageFile):
        given = {"qtables": image.quantization, "subsampling": get_sampling(image)}  # same chroma subsampling
    elif kind == "JPEG":
        given = {"quality": QUALITY}
    profile = image.info.get("icc_profile")
    image.load()
    upright = ImageOps.exif_transpose(image)
    if kind == "JPEG" and upright.mode not in {"L", "RGB", "CMYK"}:
        upright = upright.convert("RGB")
    upright.info.clear()
    copy = BytesIO()
    upright.save(copy, kind, icc_profile=profile, exif=b"", **given)
    return copy.getvalue()
