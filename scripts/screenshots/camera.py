"""Takes a page at each width, and on paper; notes how tall and how heavy it is."""

import csv
import gzip
from dataclasses import astuple, dataclass, field
from pathlib import Path

from playwright.async_api import Page

WIDTHS = {390: 844, 820: 1180, 1366: 768}
"""Width and height in CSS pixels of a phone, a tablet and a desktop."""
PAPER = {"width": 720, "height": 960}
"""A letter sheet without its margins, in CSS pixels."""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEIGHT = "document.documentElement.scrollHeight"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the page's height, how much wider than the window it is (CSS pixels), and its HTML, compressed."""

    name: str
    width: int
    height: int
    overflow: int
    html_gzip_bytes: int


@dataclass(slots=True)
class Camera:
    """Writes `<name>-<width>.png` and `<name>-print.png` into a folder."""

    folder: Path
    shots: list[Shot] = field(default_factory=list)

    async def shoot(self, page: Page, name: str, *, on_paper: bool = False) -> None:
        """Take the page as it stands, whole, at each width."""
        weight = len(gzip.compress((await page.content()).encode()))
        for width, height in WIDTHS.items():
            await page.set_viewport_size({"width": width, "height": height})
            await page.screenshot(path=self.folder / f"{name}-{width}.png", full_page=True)
            tall, overflow = await page.evaluate(f"[{HEIGHT}, {OVERFLOW}]")
            self.shots.append(Shot(name, width, tall, overflow, weight))
        if on_paper:
            await page.set_viewport_size({"width": PAPER["width"], "height": PAPER["height"]})
            await page.emulate_media(media="print")
            await page.screenshot(path=self.folder / f"{name}-print.png", full_page=True)
            await page.pdf(path=self.folder / f"{name}.pdf", format="Letter")
            await page.emulate_media(media="screen")

    def write_index(self) -> None:
        """Write what was measured as `pages.csv`, and `index.html` to look at every picture."""
        with (self.folder / "pages.csv").open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(Shot.__slots__)
            out.writerows(astuple(shot) for shot in self.shots)
        names = dict.fromkeys(shot.name for shot in self.shots)
        rows = "".join(f"<h2>{name}</h2>{''.join(self._pictures(name))}\n" for name in names)
        style = "img{border:1px solid;margin-right:16px;vertical-align:top;zoom:.5}"
        (self.folder / "index.html").write_text(f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{rows}")

    def _pictures(self, name: str) -> list[str]:
        kinds = [str(width) for width in WIDTHS] + ["print"]
        files = [self.folder / f"{name}-{kind}.png" for kind in kinds]
        return [f'<img src="{file.name}" alt="{file.stem}" loading="lazy">' for file in files if file.exists()]
