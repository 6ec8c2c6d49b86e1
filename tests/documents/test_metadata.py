"""Of a picture only the picture is stored: upright, with its colours, and nothing that says where, when or by whom."""

import struct
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from app.documents.examination import examine
from tests.documents.hostile import chunk
from tests.documents.samples import picture

SECRETS = (b"19.43", b"Marca", b"Modelo", b"Autora", b"2026:11", b"W5M0MpCehiHzreSzNTczkc9d")
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" id="W5M0MpCehiHzreSzNTczkc9d"><a>19.43, Autora</a></x:xmpmeta>'
KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]
ORIENTATIONS = range(1, 9)
pillow_heif.register_heif_opener()


def scene() -> Image.Image:
    """A picture that is another one when it is turned: four quarters of their own colour."""
    image = Image.new("RGB", (64, 48), "red")
    for box, colour in (((32, 0, 64, 24), "lime"), ((0, 24, 32, 48), "blue"), ((32, 24, 64, 48), "white")):
        image.paste(colour, box)
    return image


def photo(kind: str, orientation: int = 1) -> bytes:
    """As a telephone makes it: place, device, time, author and a comment all over."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110] = orientation, "Marca", "Modelo X"
    exif[0x013B], exif[0x0132] = "Autora", "2026:11:25 10:00:00"
    exif.get_ifd(0x8825)[2] = (19.43, 7.0, 12.0)
    exif.get_ifd(0x8769)[0x927C] = b"Marca 19.43 note of the maker"
    given: dict[str, object] = {"exif": exif.tobytes(), "icc_profile": PROFILE}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "Autora, 19.43")
        text.add_itxt("Comment", "Modelo X", zip=True)
        given["pnginfo"] = text
    else:
        given |= {"quality": 95, "xmp": XMP}
    if kind == "JPEG":
        given["comment"] = b"Autora 19.43"
    saved = BytesIO()
    scene().save(saved, kind, **given)
    return saved.getvalue()


def stored(data: bytes) -> tuple[str, bytes]:
    """The format and the bytes that are stored of a file."""
    copy = BytesIO()
    found = examine(BytesIO(data), copy)
    return found["format"], copy.getvalue()


def colours(image: Image.Image) -> list[str]:
    """What is in each quarter, by its brightest channels."""
    width, height = image.size
    places = [(x * width // 4, y * height // 4) for y in (1, 3) for x in (1, 3)]
    pixels = [image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes() for x, y in places]
    return ["".join("1" if part > 127 else "0" for part in pixel) for pixel in pixels]


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_stored_upright_and_says_nothing_of_its_making(kind: str, orientation: int) -> None:
    data = photo(kind, orientation)
    assert any(secret in data for secret in SECRETS)
    format_, bare = stored(data)
    assert format_ == {"HEIF": "jpeg"}.get(kind, kind.lower())
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(bare)) as after:
        # A HEIC is opened upright by its reader.
        upright = before if kind == "HEIF" else ImageOps.exif_transpose(before)
        assert (after.size, colours(after)) == (upright.size, colours(upright))
        assert dict(after.getexif()) == {}
        assert set(after.info) <= {"icc_profile", "jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", *MOVING}
        assert after.info["icc_profile"] == PROFILE
    assert [secret for secret in SECRETS if secret in bare] == []


MOVING = {"loop", "background", "timestamp", "duration"}


@pytest.mark.parametrize("kind", KINDS[:3])
def test_of_one_that_is_upright_no_pixel_changes(kind: str) -> None:
    with Image.open(BytesIO(photo(kind))) as before, Image.open(BytesIO(stored(photo(kind))[1])) as after:
        assert before.tobytes() == after.tobytes()


def test_the_photo_with_gps_of_a_telephone_loses_its_place() -> None:
    data = Path(__file__).with_name("photo-with-gps.jpg").read_bytes()
    with Image.open(BytesIO(data)) as before:
        assert before.getexif().get_ifd(0x8825)
        size = before.size
    with Image.open(BytesIO(stored(data)[1])) as after:
        assert (dict(after.getexif()), after.size) == ({}, size[::-1])


def test_what_follows_the_picture_is_not_stored() -> None:
    for kind in KINDS[:3]:
        data = picture(kind)
        assert stored(data + b"<script>19.43</script>")[1] == stored(data)[1]


def test_of_a_telephone_s_photo_with_more_pictures_in_it_only_the_first_is_stored() -> None:
    data = picture("MPO", more=1)
    bare = stored(data)[1]
    assert data.count(b"\xff\xd8\xff") == 2
    assert bare.count(b"\xff\xd8\xff") == 1


def test_a_moving_webp_still_moves() -> None:
    saved, frames = BytesIO(), [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(saved, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    with Image.open(BytesIO(stored(saved.getvalue())[1])) as image:
        assert getattr(image, "n_frames", 1) == 3


def test_a_thumbnail_in_the_header_is_not_stored() -> None:
    data = picture("JPEG")
    thumbnail = b"JFIF\0\1\1\0\0\1\0\1\4\4" + b"19.43" * 10
    with_one = data[:2] + b"\xff\xe0" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + data[20:]
    assert b"19.43" not in stored(with_one)[1]


def test_a_private_chunk_of_a_png_is_not_stored() -> None:
    data = picture("PNG")
    assert stored(data[:33] + chunk(b"prVt", b"19.43") + data[33:])[1] == data


@given(st.sampled_from(KINDS[:3]), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=5))
def test_however_a_file_is_damaged_what_is_stored_opens(kind: str, damage: list[tuple[float, bytes]]) -> None:
    data = bytearray(photo(kind))
    for place, change in damage:
        at = int(place * len(data))
        data[at : at + len(change)] = change
    copy = BytesIO()
    found = examine(BytesIO(bytes(data)), copy)
    if "format" in found:
        with Image.open(BytesIO(copy.getvalue())) as image:
            image.load()
            assert str(image.format).lower() == found["format"]
