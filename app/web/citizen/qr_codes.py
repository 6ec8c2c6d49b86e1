"""The folio as a picture that reception can scan."""

import io

import segno
from markupsafe import Markup

from app.web.rendering import safe_svg


def qr_of(folio: str) -> Markup:
    """The folio as a QR code: an SVG of about a kilobyte, black on white, with its quiet zone."""
    made = segno.make(folio, error="m", micro=False)
    out = io.BytesIO()
    made.save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        omitsize=True,
        border=4,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return safe_svg(out.getvalue().decode())
