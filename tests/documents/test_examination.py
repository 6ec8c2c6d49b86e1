"""What a file is: found by opening it, never by its name; hostile bytes are refused and nothing else happens."""

from io import BytesIO
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from app.documents.examination import examine
from app.documents.formats import MAX_PAGES
from tests.documents.samples import HTML, SVG, bomb, pdf, picture, plain_jpeg


def format_of(data: bytes) -> str | None:
    """The format a file is found to have; None when it is refused."""
    found: str | None = examine(BytesIO(data), BytesIO()).get("format")
    return found


JPEG, PNG, WEBP, PDF = picture("JPEG"), picture("PNG"), picture("WEBP"), pdf()
WHOLE = {"jpeg": JPEG, "png": PNG, "webp": WEBP, "pdf": PDF}
MARKS = [b"%PDF-1.7\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x10\x00\x00WEBPVP8 "]

TAKEN = {
    "a photo": (JPEG, "jpeg"),
    "a telephone's photo with more pictures in it": (picture("MPO", more=1), "jpeg"),
    "a photo of 50 million pixels": (plain_jpeg(8160, 6144), "jpeg"),
    "a scan": (PNG, "png"),
    "a WebP": (WEBP, "webp"),
    "a moving WebP": (picture("WEBP", more=1), "webp"),
    "a PDF": (PDF, "pdf"),
    "a PDF after empty lines": (b"\r\n\r\n" + PDF, "pdf"),
    "a PDF of as many pages as may be": (pdf(MAX_PAGES), "pdf"),
    "a PDF sealed against changes, which opens without a password": (pdf(password=""), "pdf"),
}
REFUSED = {
    "nothing": b"",
    "text": b"Acta de nacimiento",
    "a page": HTML,
    "a drawing with a script": SVG,
    "a GIF": picture("GIF"),
    "a BMP": picture("BMP"),
    "a TIFF": picture("TIFF"),
    "a ZIP": b"PK\x03\x04" + bytes(200),
    "half a JPEG": JPEG[: len(JPEG) // 2],
    "a JPEG without its last lines": JPEG[:-200],
    "half a PNG": PNG[: len(PNG) // 2],
    "half a WebP": WEBP[: len(WEBP) // 2],
    "half a PDF": PDF[: len(PDF) // 2],
    "only the mark of a PDF": b"%PDF-1.7\n",
    "a PDF with a password": pdf(password="secreto"),
    "a PDF without pages": pdf(0),
    "a PDF of too many pages": pdf(MAX_PAGES + 1),
    "a page that goes on as a PDF": pdf(before=HTML),
    "junk that goes on as a PDF": pdf(before=b"\x00\x01junk"),
    "a GIF that goes on as a PDF": pdf(before=picture("GIF")),
    "a small file of 64 million pixels": bomb(8000, 8000),
    "a small file of 10 thousand million pixels": bomb(100_000, 8)[:33] + bytes(50),
    "a JPEG of 81 million pixels": plain_jpeg(9000, 9000),
}


@pytest.mark.parametrize(("data", "kind"), TAKEN.values(), ids=TAKEN)
def test_what_opens_is_known_by_its_content(data: bytes, kind: str) -> None:
    assert format_of(data) == kind


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_anything_else_is_nothing(data: bytes) -> None:
    assert format_of(data) is None


def test_no_reader_of_another_format_sees_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    Image.init()
    opened: list[bytes] = []

    def any_other(file: IO[bytes], _name: str | bytes) -> ImageFile.ImageFile:
        opened.append(file.read())
        raise SyntaxError

    monkeypatch.setattr(Image, "ID", ["OTHER"])
    monkeypatch.setitem(Image.OPEN, "OTHER", (any_other, None))
    assert format_of(picture("GIF")) is None
    assert opened == []


def test_the_bomb_is_a_whole_picture_where_it_is_small() -> None:
    assert len(bomb(8000, 8000)) < 20_000
    assert format_of(bomb(80, 80)) == "png"


@given(st.binary(max_size=4096), st.sampled_from([b"", *MARKS]))
def test_random_bytes_are_never_taken_whatever_they_begin_with(data: bytes, mark: bytes) -> None:
    assert format_of(mark + data) is None


@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=40),
    st.floats(0, 1),
)
def test_a_damaged_file_is_itself_or_nothing(kind: str, damage: list[tuple[float, int]], end: float) -> None:
    data = bytearray(WHOLE[kind])
    for place, value in damage:
        data[int(place * len(data))] = value
    assert format_of(bytes(data)) in {kind, None}
    assert format_of(bytes(data[: int(end * len(data))])) in {kind, None}
