"""The pictures of README and docs/, cut from those of the pages."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"


@dataclass(frozen=True, slots=True)
class Picture:
    """The top of a page at one width, in CSS pixels."""

    page: str
    width: int
    height: int


PICTURES = {
    "citizen.png": Picture("home", 390, 693),
    "queue.png": Picture("queue", 1366, 918),
    "data.png": Picture("data", 390, 693),
    "dashboard.png": Picture("dashboard", 1366, 1500),
    "board.png": Picture("board", 1366, 768),
    "case.png": Picture("case", 1366, 1300),
}


def write_pictures(folder: Path) -> None:
    """Write each picture into docs/images, with few colours: they are kept in the repository."""
    for name, wanted in PICTURES.items():
        with Image.open(folder / f"{wanted.page}-{wanted.width}.png") as taken:
            top = taken.convert("RGB").crop((0, 0, wanted.width, min(wanted.height, taken.height)))
            top.quantize(64, dither=Image.Dither.NONE).save(IMAGES / name, optimize=True)
