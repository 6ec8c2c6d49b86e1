"""Text for people: Spanish is written in the code, other languages come from gettext catalogues.

`_` translates immediately, `N_` marks a text for later translation. Catalogues are
`app/locale/<language>/<package>.po`, one per package, loaded once at start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from functools import lru_cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.dates import get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "es"
LOCALES: dict[Language, str] = {"es": "es_MX", "en": "en_US"}
LOCALE_FOLDER = Path(__file__).parent.parent / "locale"

_language: ContextVar[Language] = ContextVar("language", default=DEFAULT)


def language() -> Language:
    """The language of the person being answered."""
    return _language.get()


def set_language(code: str) -> None:
    """Answer in this language from here on in the current request or task."""
    _language.set(code if code in LANGUAGES else DEFAULT)


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Answer in this language inside the block."""
    token = _language.set(code if code in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _language.reset(token)


def accepted(header: str) -> Language:
    """The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); Spanish when none fits."""
    ranked: list[tuple[float, int, Language]] = []
    for position, part in enumerate(header[:500].split(",")):
        tag, _sep, parameters = part.partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary in LANGUAGES:
            ranked.append((-_quality(parameters), position, primary))
    return min(ranked)[2] if ranked else DEFAULT


def _quality(parameters: str) -> float:
    name, _sep, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


@lru_cache
def catalogue(code: Language) -> GNUTranslations:
    """Return the merged catalogue of a language."""
    joined = GNUTranslations()
    joined._catalog = {}  # type: ignore[attr-defined] # a fresh GNUTranslations has no catalogue at all
    joined.plural = lambda n: int(n != 1)  # type: ignore[attr-defined]
    for path in sorted((LOCALE_FOLDER / code).glob("*.po")):
        with path.open("rb") as source:
            messages = read_po(source, locale=code)
        compiled = BytesIO()
        write_mo(compiled, messages)
        compiled.seek(0)
        joined._catalog.update(  # type: ignore[attr-defined]
            {key: text for key, text in GNUTranslations(compiled)._catalog.items() if key}  # type: ignore[attr-defined]
        )
    return joined


def gettext(text: str) -> str:
    """The text in the current language."""
    return text if language() == DEFAULT else catalogue(language()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The singular or plural text in the current language."""
    if language() == DEFAULT:
        return one if count == 1 else many
    return catalogue(language()).ngettext(one, many, count)


def _(text: str) -> str:
    """Translate now."""
    return gettext(text)


def N_(text: str) -> str:  # noqa: N802 # gettext's own name for a mark
    """Mark a text for later translation."""
    return text


def _only_a_day(day: date) -> date:
    """Reject a datetime: its date depends on the unit's zone, see `clock.local_day`."""
    if isinstance(day, datetime):
        raise TypeError("a day is formatted, not an instant: see app.kernel.clock.local_day")
    return day


def format_day(day: date) -> str:
    """A day in words: «martes 24 de noviembre de 2026»."""
    day = _only_a_day(day)
    text = babel_date(day, format="full", locale=LOCALES[language()])
    return text.replace(",", "") if language() == "es" else text


def format_long_day(day: date) -> str:
    """A day without its weekday: «24 de noviembre de 2026»."""
    return babel_date(_only_a_day(day), format="long", locale=LOCALES[language()])


def format_short_day(day: date) -> str:
    """A day of the coming weeks, which needs no year: «martes 24 de noviembre»."""
    day = _only_a_day(day)
    pattern = "EEEE d 'de' MMMM" if language() == "es" else "EEEE, MMMM d"
    return babel_date(day, format=pattern, locale=LOCALES[language()])


def format_weekday(number: int) -> str:
    """A day of the week by its ISO number: «lunes» is 1."""
    return str(get_day_names("wide", locale=LOCALES[language()])[number - 1])


def format_clock(clock: time) -> str:
    """A time of a weekly pattern, which has no day: «8:00 a.m.»."""
    return babel_time(clock, format="h:mm a", locale=LOCALES[language()]).replace("\u202f", " ")


def at_hour(hour: str) -> str:
    """An hour after a Spanish preposition's article: «la 1:57 p.m.», «las 2:00 p.m.»; in English as it is."""
    if language() != "es":
        return hour
    return f"{'la' if hour.startswith('1:') else 'las'} {hour}"


def format_hour(moment: datetime, zone: str) -> str:
    """A time on that zone's wall clock: «8:20 a.m.»."""
    local = moment.astimezone(ZoneInfo(zone))
    return babel_time(local, format="h:mm a", locale=LOCALES[language()]).replace("\u202f", " ")
