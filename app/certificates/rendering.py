"""Renders content to PDF: Typst templates and embedded fonts, nothing from network or file system.

Text reaches the template as JSON strings, which Typst never interprets as markup.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from app.certificates.fonts import supported_code_points
from app.certificates.problems import GlyphsMissing
from app.certificates.rules import plain, unsupported_characters
from app.certificates.snapshot import Template

MAX_NAMED = 10
TEMPLATES = Path(__file__).parent / "templates"


class TypesettingFailed(RuntimeError):  # noqa: N818 # says a state
    """Typst rejected the page or crashed: an internal error."""


@lru_cache
def _fonts() -> typst.Fonts:
    """Return the library's embedded fonts, which don't depend on the machine."""
    return typst.Fonts(include_system_fonts=False)


def render(template: Template, letter: dict[str, Any], qr: str, *, at: datetime) -> bytes:
    """Render the content as PDF/UA-1, dated `at`.

    Raises:
        GlyphsMissing: the font lacks a glyph.
        TypesettingFailed: the template doesn't compile with this content.
    """
    require_glyphs(letter)
    data = json.dumps(normalized(letter), ensure_ascii=False)
    try:
        made: bytes = typst.compile(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=_fonts(),
            format="pdf",
            pdf_standards="ua-1",
            sys_inputs={"data": data, "qr": qr},
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise TypesettingFailed(error.message) from error
    except BaseException as error:
        # A panic of the library is a BaseException, which error handlers wouldn't catch.
        if type(error).__name__ != "PanicException":
            raise
        raise TypesettingFailed("the typesetter panicked") from error
    return made


def require_glyphs(value: Any) -> None:
    """Refuse content that would be rendered, and signed, with substitute glyphs.

    Raises:
        GlyphsMissing: which characters.
    """
    missing = list(
        dict.fromkeys(
            letter for text in _texts(value) for letter in unsupported_characters(text, supported_code_points())
        )
    )
    if missing:
        raise GlyphsMissing(letters=" ".join(missing[:MAX_NAMED]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def normalized(value: Any) -> Any:
    """Return the same JSON with every text NFC-normalised and on one line."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, list):
        return [normalized(item) for item in value]
    if isinstance(value, dict):
        return {key: normalized(item) for key, item in value.items()}
    return value
