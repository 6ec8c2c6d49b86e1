"""Render a template with values: subject, plain text, HTML from the same source, text message. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from operator import itemgetter

from app.kernel.parsing import without_unseen
from app.notifications import gsm
from app.notifications.templates.declarations import DatumKind, Template, Wording
from app.notifications.templates.syntax import ITEM, Datum, Line, LineKind, Words, parse

MOST_PARTS = 3
STYLE = "font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;max-width:36em"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A wording that was read once, with what its template declares."""

    subject: tuple[Line, ...]
    body: tuple[Line, ...]
    sms: tuple[Line, ...]
    push: str
    lists: frozenset[str]
    links: frozenset[str]
    shorten: tuple[str, ...]
    sms_parts: int
    """How many parts its text message has with the sample values; with longer values these are cut."""


@lru_cache(maxsize=512)
def _compiled(subject: str, body: str, sms: str) -> tuple[tuple[Line, ...], ...]:
    return parse(subject), parse(body), parse(sms)


def compile_wording(template: Template, language: str, wording: Wording) -> Compiled:
    """Read a wording of a template in a language."""
    subject, body, sms = _compiled(wording.subject, wording.body, wording.sms)
    texts = [
        (_joined(sms, values), _shortened(template.shorten, values))
        for values in (template.values(language, case) for case in template.cases)  # type: ignore[arg-type] # checked
    ]
    return Compiled(
        subject,
        body,
        sms,
        _one_line(wording.push),
        frozenset(name for name, one in template.data.items() if one.kind is DatumKind.LIST),
        frozenset(name for name, one in template.data.items() if one.kind is DatumKind.LINK),
        template.shorten,
        max((parts_needed(text, shorten) for text, shorten in texts), default=1),
    )


def parts_needed(text: str, shorten: Sequence[str]) -> int:
    """How many parts a text message has once these are cut as far as that saves one."""
    for parts in range(1, MOST_PARTS + 1):
        cut = gsm.fit(text, list(shorten), parts)
        if gsm.parts(cut) <= parts:
            return parts
    return gsm.parts(gsm.plain(text))


def subject_of(compiled: Compiled, values: Mapping[str, str]) -> str:
    """The subject: one line, without characters that could end a header."""
    return _one_line(_joined(compiled.subject, values))


def sms_of(compiled: Compiled, values: Mapping[str, str]) -> str:
    """The text message, in its alphabet."""
    return gsm.fit(_joined(compiled.sms, values), _shortened(compiled.shorten, values), compiled.sms_parts)


def plain_of(compiled: Compiled, values: Mapping[str, str]) -> str:
    """The mail as plain text."""
    lines = [_plain_line(line, compiled, values) for line in _shown(compiled.body, values)]
    return "\n".join(lines)


def html_of(compiled: Compiled, values: Mapping[str, str], *, title: str, language: str) -> str:
    """The mail as HTML: the same lines, each value escaped."""
    return _document(html_content_of(compiled, values), title, language)


def html_content_of(compiled: Compiled, values: Mapping[str, str]) -> str:
    """What the mail shows, as HTML."""
    return "".join(_blocks(_shown(compiled.body, values), compiled, values))


def html_of_plain(body: str, *, title: str, language: str) -> str:
    """A plain text as HTML, for messages that were stored without their values."""
    content = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in body.split("\n\n") if part.strip())
    return _document(content, title, language)


def _document(content: str, title: str, language: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title></head>'
        f'<body><div style="{STYLE}">{content}</div></body></html>'
    )


def _one_line(text: str) -> str:
    return " ".join(without_unseen(text).split())


def _shortened(names: Sequence[str], values: Mapping[str, str]) -> list[str]:
    return [_one_line(values[name]) for name in names if name in values]


def _joined(lines: Iterable[Line], values: Mapping[str, str]) -> str:
    """The lines that are shown, as one."""
    shown = ("".join(_piece(piece, values) for piece in line.pieces) for line in lines if line.is_shown(values))
    return " ".join(one for one in shown if one)


def _piece(piece: object, values: Mapping[str, str]) -> str:
    match piece:
        case Words(text):
            return text
        case Datum(name, None):
            return _one_line(values[name])
        case Datum(name, label):
            return f"{label}: {_one_line(values[name])}"
        case _:
            return ""


def _shown(lines: Sequence[Line], values: Mapping[str, str]) -> list[Line]:
    """The lines that are shown, with one blank line where there are several, and none at the ends."""
    found: list[Line] = []
    for line in lines:
        if line.is_shown(values) and (line.kind is not LineKind.BLANK or (found and not _is_blank(found[-1]))):
            found.append(line)
    while found and _is_blank(found[-1]):
        found.pop()
    return found


def _is_blank(line: Line) -> bool:
    return line.kind is LineKind.BLANK


def _plain_line(line: Line, compiled: Compiled, values: Mapping[str, str]) -> str:
    listed = _list_of(line, compiled)
    if listed is not None:
        return "\n".join(without_unseen_lines(values[listed]))
    text = "".join(_piece(piece, values) for piece in line.pieces)
    return f"{ITEM}{text}" if line.kind is LineKind.ITEM else text


def _list_of(line: Line, compiled: Compiled) -> str | None:
    """The name of the list of which this line consists, if it does."""
    return next((datum.name for datum in line.data() if datum.name in compiled.lists), None)


def without_unseen_lines(text: str) -> list[str]:
    """The lines of a list's value, each without characters of control."""
    return [" ".join(without_unseen(line).split()) for line in text.split("\n")]


def _blocks(lines: Sequence[Line], compiled: Compiled, values: Mapping[str, str]) -> Iterator[str]:
    """Paragraphs, headings and lists: lines of one kind that follow each other are one."""
    pieces = [piece for line in lines for piece in _html_line(line, compiled, values)]
    for kind, group in groupby(pieces, key=itemgetter(0)):
        texts = [text for _kind, text in group]
        if kind is LineKind.TEXT:
            yield "<p>" + "<br>".join(texts) + "</p>"
        elif kind is LineKind.ITEM:
            yield "<ul>" + "".join(f"<li>{one}</li>" for one in texts) + "</ul>"
        elif kind is LineKind.HEADING:
            yield from (f'<h2 style="font-size:20px">{one}</h2>' for one in texts)


def _html_line(line: Line, compiled: Compiled, values: Mapping[str, str]) -> Iterator[tuple[LineKind, str]]:
    listed = _list_of(line, compiled)
    if listed is None:
        yield line.kind, "".join(_html_piece(piece, compiled, values) for piece in line.pieces)
        return
    for one in without_unseen_lines(values[listed]):
        yield LineKind.ITEM, escape(one.removeprefix(ITEM))


def _html_piece(piece: object, compiled: Compiled, values: Mapping[str, str]) -> str:
    if isinstance(piece, Datum) and piece.name in compiled.links:
        address = escape(_one_line(values[piece.name]))
        return f'<a href="{address}">{escape(piece.label) if piece.label else address}</a>'
    return escape(_piece(piece, values))
