"""Removes metadata from picture files without re-encoding: location, time, device, thumbnails, comments, trailing data.
The colour profile stays, since colours depend on it."""

import re
import struct
from collections.abc import Iterator
from typing import Any


class Damaged(ValueError):  # noqa: N818 # what the file is
    """The file violates its format."""


class TooManyScans(ValueError):  # noqa: N818 # what the file has
    """A progressive JPEG with an excessive number of scans."""


MAX_SCANS = 64
"""Encoders write about ten; each requires a pass over the whole picture."""
SOI, EOI, SOS, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
APPLICATION = range(0xE0, 0xF0)
STANDALONE = {0x01, *range(0xD0, 0xD8)}
JFIF_LENGTH = 14
PRESERVED_APPLICATION = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
# Within a scan 0xFF is data (followed by zero) or a restart marker; anything else ends it.
SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")

PRESERVED_CHUNKS = {b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs"}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

PRESERVED_OF_WEBP = {b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"}
PRESERVED_OF_FRAME = {b"ALPH", b"VP8 ", b"VP8L"}
FRAME_HEADER = 16
EXIF_AND_XMP = 0x0C


def strip_jpeg(data: bytes) -> bytes:
    """The first picture of a JPEG, up to its end.

    Raises:
        Damaged; TooManyScans.
    """
    preserved = [b"\xff\xd8"]
    at, scans = 2, 0
    while True:
        marker, at = _marker(data, at)
        if marker == EOI:
            return b"".join([*preserved, b"\xff\xd9"])
        if marker in STANDALONE:
            continue
        (length,) = _unpacked(">H", data, at)
        if length < 2 or at + length > len(data):
            raise Damaged
        preserved.extend(_preserved_segment(marker, data[at : at + length]))
        at += length
        if marker == SOS:
            scans += 1
            if scans > MAX_SCANS:
                raise TooManyScans
            end = SCAN_END.search(data, at)
            if end is None:
                raise Damaged
            preserved.append(data[at : end.start()])
            at = end.start()


def _marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise Damaged
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Damaged
    return data[at], at + 1


def _preserved_segment(marker: int, segment: bytes) -> Iterator[bytes]:
    """Return the segment, including its length, if it is part of the picture."""
    head = bytes((0xFF, marker))
    if marker == COMMENT:
        return
    if marker in APPLICATION:
        content = segment[2:]
        if marker == APPLICATION[0] and content.startswith(b"JFIF\0") and len(content) >= JFIF_LENGTH:
            yield head + struct.pack(">H", JFIF_LENGTH + 2) + content[: JFIF_LENGTH - 2] + b"\0\0"  # no thumbnail
        elif marker in PRESERVED_APPLICATION and content.startswith(PRESERVED_APPLICATION[marker]):
            yield head + segment
        return
    yield head + segment


def strip_png(data: bytes) -> bytes:
    """The still picture of a PNG, up to its end.

    Raises:
        Damaged.
    """
    preserved, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while True:
        length, name = _unpacked(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Damaged
        is_critical = not name[0] & 0x20
        if is_critical or name in PRESERVED_CHUNKS:
            preserved.append(data[at:end])
        at = end
        if name == b"IEND":
            return b"".join(preserved)


def strip_webp(data: bytes) -> bytes:
    """The pictures of a WebP, up to its end.

    Raises:
        Damaged.
    """
    (size,) = _unpacked("<I", data, 4)
    chunks = [_without_flags(name, content) for name, content in _chunks(data[12 : 8 + size], PRESERVED_OF_WEBP)]
    body = b"WEBP" + b"".join(_chunk(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _without_flags(name: bytes, content: bytes) -> tuple[bytes, bytes]:
    """Return the chunk without metadata or flags that announce it."""
    if name == b"VP8X" and content:
        return name, bytes((content[0] & ~EXIF_AND_XMP,)) + content[1:]
    if name == b"ANMF":
        frame = b"".join(_chunk(*one) for one in _chunks(content[FRAME_HEADER:], PRESERVED_OF_FRAME))
        return name, content[:FRAME_HEADER] + frame
    return name, content


def _chunks(data: bytes, wanted: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        name, length = _unpacked("<4sI", data, at)
        if at + 8 + length > len(data):
            raise Damaged
        if name in wanted:
            yield name, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _unpacked(layout: str, data: bytes, at: int) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(layout, data, at)
    except struct.error as error:
        raise Damaged from error
