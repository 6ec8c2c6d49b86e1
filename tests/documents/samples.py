"""Files of every kind, made here: whole ones, broken ones, and ones that aren't what they say."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from pyhanko.pdf_utils import generic, writer

writing: Any = writer  # it has no types
RED = b"1 0 0 rg 0 0 2000 2000 re f"


def picture(kind: str, size: tuple[int, int] = (120, 90), *, more: int = 0) -> bytes:
    """A picture with something on it, in a format of Pillow's; `more` pictures behind it."""
    image = Image.effect_noise(size, 60).convert("RGB")
    others = {"save_all": True, "append_images": [image] * more} if more else {}
    stored = BytesIO()
    image.save(stored, kind, **others)
    return stored.getvalue()


def plain_jpeg(width: int, height: int) -> bytes:
    """A grey picture as large as one likes, in few bytes."""
    stored = BytesIO()
    Image.new("L", (width, height)).save(stored, "JPEG")
    return stored.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A whole PNG of black that is a thousand times larger once it is opened."""

    def block(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(bytes(height * (1 + width // 8)), 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + block(b"IHDR", head) + block(b"IDAT", rows) + block(b"IEND", b"")


def pdf(pages: int = 1, *, password: str | None = None, before: bytes = b"") -> bytes:
    """A PDF whose pages are red. With `password`, no one changes it; opening it asks for one unless that is empty.

    `before` stands at the beginning, and the places in the file are counted with it: it opens all the same.
    """
    made = writing.PdfFileWriter()
    for _ in range(pages):
        drawn = made.add_object(generic.StreamObject(stream_data=RED))
        made.insert_page(writing.PageObject(contents=drawn, media_box=(0, 0, 600, 800)))
    if password is not None:
        made.encrypt("only the owner", password)
    stored = BytesIO()
    stored.write(before)
    made.write(stored)
    return stored.getvalue()


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
