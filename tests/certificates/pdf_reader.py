"""Reads a PDF of ours as a reader program would: text through the fonts' own tables, drawings as they are drawn."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

LETTER = rb"\\.|[^\\()]"
BRACKETED = rb"\((?:" + LETTER + rb")*\)"
for _depth in range(4):  # brackets inside a string need no backslash as long as they are in pairs
    BRACKETED = rb"\((?:" + LETTER + rb"|" + BRACKETED + rb")*\)"
STRING = rb"(?:" + BRACKETED + rb"|<[0-9A-Fa-f]*>)"
TOKEN = re.compile(rb"/(\w+) [\d.]+ Tf|\[((?:" + STRING + rb"|[-\d.\s])*)\]TJ|(" + STRING + rb")Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.|\r?\n)", re.DOTALL)
PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
RUN = re.compile(rb"([\d.]+) ([\d.]+) m ([\d.]+) ([\d.]+) l")


@dataclass(frozen=True)
class PdfDocument:
    """A PDF, opened."""

    data: bytes

    @property
    def reader(self) -> PdfFileReader:
        return PdfFileReader(BytesIO(self.data))

    @property
    def root(self) -> Any:
        return self.reader.root

    @property
    def metadata(self) -> str:
        """The XMP packet."""
        return str(self.root["/Metadata"].data.decode())

    def pages(self) -> list[Any]:
        return list(_leaves(self.root["/Pages"]))

    def texts(self) -> list[str]:
        """The text of each page, a piece for each run of glyphs."""
        return ["".join(_pieces(page)) for page in self.pages()]

    def text(self) -> str:
        """All text, with white space made one space; pieces that follow each other closely stay together."""
        return " ".join(" ".join(self.texts()).split())

    def modules(self) -> list[list[bool]]:
        """The QR code's dark modules, from the strokes that draw it: each is a horizontal run half a module down."""
        strokes = [
            (int(float(x)), int(float(y) - 0.5), int(float(to)))
            for page in self.pages()
            for x, y, to, below in RUN.findall(_content(page))
            if y == below and float(y) % 1 == 0.5 and float(x) % 1 == 0
        ]
        left, top = min(x for x, _y, _to in strokes), min(y for _x, y, _to in strokes)
        size = max(to for _x, _y, to in strokes) - left
        drawn = [[False] * size for _ in range(size)]
        for x, y, to in strokes:
            for column in range(x, to):
                drawn[y - top][column - left] = True
        return drawn


def _leaves(node: Any) -> Iterator[Any]:
    for kid in (kid.get_object() for kid in node["/Kids"]):
        if kid["/Type"] == "/Pages":
            yield from _leaves(kid)
        else:
            yield kid


def _content(page: Any) -> bytes:
    return bytes(page["/Contents"].data)


def _pieces(page: Any) -> Iterator[str]:
    tables = {name[1:]: _table(font) for name, font in page["/Resources"]["/Font"].items()}
    table: dict[int, str] = {}
    for font, several, one in TOKEN.findall(_content(page)):
        if font:
            table = tables[font.decode()]
            continue
        for string in re.findall(STRING, several or one, re.DOTALL):
            inside = string[1:-1]
            raw = bytes.fromhex(inside.decode()) if string[:1] == b"<" else ESCAPED.sub(_unescape, inside)
            yield "".join(table[int.from_bytes(raw[at : at + 2])] for at in range(0, len(raw), 2))
        yield "\n"


def _unescape(found: re.Match[bytes]) -> bytes:
    what = found.group(1)
    if what[:1].isdigit():
        return bytes([int(what, 8)])
    return b"" if what.strip() == b"" else PLAIN.get(what, what)


def _table(font: Any) -> dict[int, str]:
    """Glyph to text, as the font's ToUnicode map says."""
    text = font.get_object()["/ToUnicode"].data.decode("latin1")
    pairs = re.findall(r"<([0-9A-F]{4})> <([0-9A-F]+)>", text)
    return {int(glyph, 16): bytes.fromhex(letters).decode("utf-16-be") for glyph, letters in pairs}
