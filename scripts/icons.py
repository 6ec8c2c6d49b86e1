"""`python -m scripts.icons`: draw the pictures of the installed portal from `app/web/assets/icon.svg`.

They are in the repository, since building the page assets has no library that draws: run it when the mark changes.
"""

import re
from io import BytesIO
from pathlib import Path

import vl_convert
from PIL import Image

ASSETS = Path(__file__).parents[1] / "app" / "web" / "assets"
SIDE = 32
SAFE = 0.8
"""How much of a maskable picture is always seen: a circle of this diameter (W3C, Web App Manifest, 5.2.1)."""
PICTURES = {"iconsmall": (192, True), "iconlarge": (512, True), "iconmaskable": (512, False), "icontouch": (180, False)}
"""The side of each in pixels, and whether it has the mark's round corners; else phones cut their own shape."""


def mark(*, has_corners: bool) -> str:
    """The mark as it is, or on a ground without corners and small enough for any shape."""
    svg = (ASSETS / "icon.svg").read_text()
    if has_corners:
        return svg
    ground, drawing = re.fullmatch(r"<svg[^>]*>(<rect[^>]*/>)(.*)</svg>\s*", svg, re.DOTALL).groups()  # type: ignore[union-attr] # it is our own
    inset = SIDE * (1 - SAFE) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{ground.replace(" rx=", " data-rx=")}'
        f'<g transform="translate({inset} {inset}) scale({SAFE})">{drawing}</g></svg>'
    )


def main() -> None:
    """Write them."""
    for name, (side, has_corners) in PICTURES.items():
        # Drawn at its own size: the library draws a viewBox without width at 96 dots per inch.
        svg = mark(has_corners=has_corners).replace("<svg ", f'<svg width="{side}" height="{side}" ', 1)
        with Image.open(BytesIO(vl_convert.svg_to_png(svg, scale=1.0))) as picture:
            picture.save(ASSETS / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
