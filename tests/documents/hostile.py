"""Files made to cost who opens them: each small or plain to look at, and of a kind of its own."""

import struct
import zlib
from io import BytesIO

import pillow_heif
from PIL import Image

from tests.documents.samples import bomb, picture

HEAD = b"%PDF-1.7\n"
CATALOG = b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 1/Kids[]>>\nendobj\n"
MILLION = 1_000_000


def _pdf(last: bytes, start: int | None = None) -> bytes:
    """A PDF of the catalogue and one more object, at which the reader begins."""
    place = len(HEAD + CATALOG) if start is None else start
    return HEAD + CATALOG + last + b"\nstartxref\n%d\n%%%%EOF\n" % place


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"3 0 obj\n<<" + entries + b"/Length %d>>\nstream\n" % len(content) + content + b"\nendstream\nendobj"


def xref_of_millions(size: int = 3 * MILLION) -> bytes:
    """A cross-reference stream whose entries take no bytes, so that it may have any number of them."""
    return _pdf(_stream(b"/Type/XRef/Size %d/Index[0 %d]/W[0 0 0]/Root 1 0 R" % (size, size), b""))


def index_beyond_the_file() -> bytes:
    """An index that begins and ends far beyond what there is."""
    return _pdf(_stream(b"/Type/XRef/Size 4/Index[4000000000 9000000]/W[0 0 0]/Root 1 0 R", b""))


def xref_bomb(megabytes: int = 120) -> bytes:
    """A compressed cross-reference stream that is a thousand times larger once it is open."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    size = megabytes * (1 << 20) // 4
    entries = b"/Type/XRef/Filter/FlateDecode/Size %d/W[1 2 1]/Root 1 0 R" % size
    return _pdf(_stream(entries, content))


def many_compressed_xrefs(count: int = 400) -> bytes:
    """Cross-reference streams, each naming the one before and each a quarter of a million entries."""
    body, previous = bytearray(HEAD + CATALOG), b""
    content = zlib.compress(bytes(MILLION), 9)
    for number in range(count):
        place = len(body)
        entries = b"/Type/XRef/Filter/FlateDecode/Size 250000/W[1 2 1]/Root 1 0 R" + previous
        body += b"%d 0 obj\n<<" % (number + 3) + entries + b"/Length %d>>\nstream\n" % len(content)
        body += content + b"\nendstream\nendobj\n"
        previous = b"/Prev %d" % place
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % place)


def many_previous(count: int = 60_000) -> bytes:
    """A chain of tables, each naming the one before."""
    body, previous = bytearray(HEAD + CATALOG), b""
    for _ in range(count):
        place = len(body)
        body += b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R" + previous + b">>\n"
        previous = b"/Prev %d" % place
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % place)


def array_of_millions(count: int = 4 * MILLION) -> bytes:
    """A catalogue with an array of nothing but numbers."""
    body = HEAD + b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/X[" + b"0 " * count + b"]>>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n%010d 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\n" % len(HEAD)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def nested(depth: int = 200_000) -> bytes:
    """Arrays in arrays in arrays."""
    body = HEAD + b"1 0 obj\n<</Type/Catalog/Pages 2 0 R/X" + b"[" * depth + b"]" * depth + b">>\nendobj\n"
    table = b"xref\n0 2\n0000000000 65535 f \n%010d 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\n" % len(HEAD)
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def repeated_scan(times: int = 2_000, size: tuple[int, int] = (4_000, 4_000)) -> bytes:
    """A progressive JPEG whose last scan comes again and again: each is a pass over the whole picture."""
    stored = BytesIO()
    Image.new("L", size).save(stored, "JPEG", progressive=True)
    data = stored.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * times + b"\xff\xd9"


def scans_within_bounds() -> bytes:
    """As many scans as are let pass, over a picture as large as is let pass."""
    return repeated_scan(50, (8_900, 8_900))


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_text_bomb(megabytes: int = 80) -> bytes:
    """A tiny PNG with a comment that is hundreds of megabytes once it is open."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    data = picture("PNG", (8, 8))
    return data[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + data[33:]


def png_profile_bomb(megabytes: int = 80) -> bytes:
    """The same in the colour profile, which stays."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    data = picture("PNG", (8, 8))
    return data[:33] + chunk(b"iCCP", b"p\0\0" + packed) + data[33:]


def jpeg_of_any_size(width: int = 65_500, height: int = 65_500) -> bytes:
    """A JPEG that says it has four thousand million pixels, and has none."""
    data = bytearray(picture("JPEG", (16, 16)))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def heic_of_any_size(side: int = 65_000) -> bytes:
    """A HEIC that says it has four thousand million pixels."""
    stored = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 64))).save(stored)
    data = stored.getvalue()
    size = struct.pack(">II", 64, 64)
    return data.replace(b"ispe\0\0\0\0" + size, b"ispe\0\0\0\0" + struct.pack(">II", side, side))


def webp_of_any_size() -> bytes:
    """A WebP canvas of two hundred million pixels, of one frame that moves a thousand times."""
    stored = BytesIO()
    image = Image.new("RGB", (8, 8))
    image.save(
        stored, "WEBP", save_all=True, append_images=[Image.new("RGB", (8, 8), "red")] * 500, minimize_size=False
    )
    data = bytearray(stored.getvalue())
    place = data.index(b"VP8X") + 12
    data[place : place + 6] = (16_383).to_bytes(3, "little") * 2
    return bytes(data)


KINDS = {
    "a cross-reference stream of three million entries": xref_of_millions,
    "of a thousand million": lambda: xref_of_millions(1_000 * MILLION),
    "an index beyond the file": index_beyond_the_file,
    "a compressed cross-reference stream of 120 megabytes": xref_bomb,
    "many compressed cross-reference streams": many_compressed_xrefs,
    "sixty thousand tables before": many_previous,
    "an array of millions": array_of_millions,
    "arrays within arrays": nested,
    "a JPEG whose last scan repeats": repeated_scan,
    "a JPEG of as many scans and pixels as may be": scans_within_bounds,
    "a JPEG of four thousand million pixels": jpeg_of_any_size,
    "a PNG of ten thousand million pixels": lambda: bomb(100_000, 8)[:33] + bytes(50),
    "a PNG of 64 million pixels": lambda: bomb(8_000, 8_000),
    "a PNG with a comment of 80 megabytes": png_text_bomb,
    "a PNG with a colour profile of 80 megabytes": png_profile_bomb,
    "a HEIC of 81 million pixels": lambda: heic_of_any_size(9_000),
    "a HEIC of four thousand million pixels": heic_of_any_size,
    "a WebP of two hundred million pixels": webp_of_any_size,
}
