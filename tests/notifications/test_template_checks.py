"""Texts of messages: what is refused, and that what is taken renders whole, escaped and within its limits."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.i18n import LANGUAGES
from app.notifications import gsm
from app.notifications.labels import MESSAGE_NAMES
from app.notifications.templates import checks, rendering
from app.notifications.templates.checks import check
from app.notifications.templates.declarations import Part, Template, Wording
from app.notifications.templates.defaults import templates
from app.notifications.templates.syntax import parse

BOOKED = templates()["appointment.booked"]
ALL = sorted(templates())


def with_part(part: Part, text: str, template: Template = BOOKED) -> list[str]:
    """What is refused when this is the Spanish text of a part."""
    wording = template.defaults["es"]
    parts = {one.value: wording.part(one) for one in Part} | {part.value: text}
    return [issue.text for issue in check(template, {**template.defaults, "es": Wording(**parts)})]


@pytest.mark.parametrize("name", ALL)
def test_the_default_texts_are_right_and_their_text_message_is_one_part(name: str) -> None:
    template = templates()[name]
    assert check(template, template.defaults) == []
    assert template.event in MESSAGE_NAMES
    for code in LANGUAGES:
        wording = template.defaults[code]
        if wording.sms:
            assert checks.sms_parts(template, code, wording) == 1
    assert template.defaults["es"] != template.defaults["en"]


@pytest.mark.parametrize(
    ("part", "text", "why"),
    [
        (Part.SUBJECT, "", checks.EMPTY),
        (Part.SUBJECT, "Cita\nBcc: otra@ejemplo.mx", checks.ONE_LINE),
        (Part.SUBJECT, "Cita de {persona}", checks.NOT_HERE),
        (Part.SUBJECT, "x" * 121, checks.TOO_LONG),
        (Part.SUBJECT, "Cita {enlace}", checks.NOT_HERE),
        (Part.SUBJECT, "Cita\u202e", checks.UNSEEN),
        (Part.BODY, "{dia} {hora} {lugar} {enlace} {cita}", checks.UNKNOWN),
        (Part.BODY, "{dia} {hora} {lugar} {enlace}\n{si nada}Hola", checks.UNKNOWN),
        (Part.BODY, "{dia} {hora} {lugar} {enlace} }", checks.BRACE),
        (Part.BODY, "{dia} {hora} {lugar} {enlace} {{dia}}", checks.BRACE),
        (Part.BODY, "{dia.__class__} {hora} {lugar} {enlace}", checks.BRACE),
        (Part.BODY, "{dia!r} {hora} {lugar} {enlace}", checks.BRACE),
        (Part.BODY, "{dia} {hora} {lugar} [Vea]({folio}) {enlace}", checks.NOT_A_LINK),
        (Part.BODY, "{dia} {hora} {lugar}", checks.MISSING),
        (Part.BODY, "{dia} {hora} {lugar}\n{si se_puede_mover}{enlace}", checks.MISSING),
        (Part.PUSH, "Hay algo nuevo\u2028Entre", checks.ONE_LINE),
        (Part.PUSH, "{apodo}", checks.NO_DATA),
        (Part.PUSH, "{si dia}Hay algo nuevo", checks.NO_DATA),
        (Part.PUSH, "{{{", checks.LONE_BRACE),
        (Part.SMS, "{dia} {hora} [Vea]({enlace})", checks.NOT_HERE),
        (Part.SMS, "{dia} {hora} 🎉", checks.LETTER),
        (Part.SMS, "{dia} {hora} " + "largo " * 90, checks.TOO_MANY),
    ],
)
def test_what_is_wrong_is_refused(part: Part, text: str, why: str) -> None:
    assert why in with_part(part, text)


@pytest.mark.parametrize("part", [Part.SMS, Part.PUSH])
def test_a_message_has_no_part_that_is_never_sent(part: Part) -> None:
    without = [one for one in templates().values() if part not in one.parts]
    assert without
    for template in without:
        for text in ("{{{", "hola {x}", "Hay algo nuevo"):
            assert with_part(part, text, template) == [checks.NOT_SENT[part]]


LINE_ENDS = [chr(code) for code in range(0x3000) if len(f"a{chr(code)}b".splitlines()) > 1]


@given(st.sampled_from(Part), st.sampled_from(LINE_ENDS), st.integers(0, 400))
def test_a_line_ends_only_where_it_may(part: Part, end: str, at: int) -> None:
    """Whatever Unicode has for an end of a line: none in a subject or notice, LF only in a mail or text message."""
    text = BOOKED.defaults["es"].part(part)
    place = at % (len(text) - 1) + 1
    refused = with_part(part, f"{text[:place]}{end}{text[place:]}")
    if part in checks.IN_ONE_LINE:
        assert refused == [checks.ONE_LINE]
    elif end != "\n":
        assert refused == [checks.UNSEEN]


def test_no_refusal_ends_in_an_empty_list() -> None:
    for template in templates().values():
        for part in template.parts:
            wording = Wording(**{one.value: template.defaults["es"].part(one) for one in Part} | {part.value: "{x} {"})
            issues = check(template, {**template.defaults, "es": wording})
            assert issues
            assert not [text for one in issues if (text := one.message()).endswith(": .") or "%(" in text]


def test_a_list_stands_alone_and_a_text_shows_something_in_every_case() -> None:
    refused = templates()["request.refused"]
    body = "{folio} {enlace}\nPor qué: {razones}\n{medios}"
    assert checks.ALONE in with_part(Part.BODY, body, refused)
    reminder = templates()["appointment.reminder"]
    assert checks.EMPTY_CASE in with_part(Part.BODY, "{si enlace_mover}{dia}", reminder)


def test_each_refusal_says_what_where_and_what_to_do() -> None:
    (issue,) = [
        one for one in check(BOOKED, {**BOOKED.defaults, "en": Wording("a\nb", *_rest(BOOKED))}) if one.language == "en"
    ]
    assert (issue.field, issue.message()) == ("subject_en", "Va en una sola línea. Quite el salto de línea.")


def _rest(template: Template) -> tuple[str, str, str]:
    return template.defaults["en"].body, template.defaults["en"].sms, template.defaults["en"].push


class Seen(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


texts = st.text(max_size=60)


@given(st.sampled_from(ALL), st.sampled_from(LANGUAGES), texts, st.data())
def test_no_value_changes_the_form_of_a_message(name: str, language: str, value: str, data: st.DataObject) -> None:
    """Whatever a name of a person or a clinic has in it, it is words: no header, no markup, no link, no other datum."""
    template = templates()[name]
    case = data.draw(st.sampled_from(template.cases))
    code = next(one for one in LANGUAGES if one == language)
    compiled = rendering.compile_wording(template, code, template.defaults[code])
    usual = template.values(code, case)
    hostile = {one: value if value.strip() else usual[one] for one in usual}
    subject = rendering.subject_of(compiled, hostile)
    assert "\n" not in subject
    assert "\r" not in subject
    seen = Seen()
    seen.feed(rendering.html_of(compiled, hostile, title=subject, language=code))
    allowed = {"html", "head", "meta", "title", "body", "div", "p", "br", "ul", "li", "a", "h2"}
    assert seen.tags <= allowed
    assert len(rendering.plain_of(compiled, hostile).splitlines()) >= 1
    if Part.SMS in template.parts:
        sms = rendering.sms_of(compiled, hostile)
        assert gsm.plain(sms) == sms


@given(st.text(max_size=200))
def test_any_text_is_read_and_shown_or_refused(text: str) -> None:
    parse(text)
    for part in Part:
        wording = BOOKED.defaults["es"]
        parts = {one.value: wording.part(one) for one in Part} | {part.value: text}
        typed = {**BOOKED.defaults, "es": Wording(**parts)}
        if not check(BOOKED, typed):
            compiled = rendering.compile_wording(BOOKED, "es", typed["es"])
            for case in BOOKED.cases:
                values = BOOKED.values("es", case)
                assert rendering.subject_of(compiled, values)
                assert rendering.plain_of(compiled, values).strip()
                assert gsm.parts(rendering.sms_of(compiled, values)) <= rendering.MOST_PARTS


def test_html_and_plain_text_are_one_source() -> None:
    written = Wording(
        "Día {dia}",
        "# Su cita\n\nPara: {persona}\nDía: {dia} {hora}\n\n- {lugar}\n- Traiga <b>INE</b>\n\n[Véala]({enlace})",
        "{dia} {hora}",
    )
    compiled = rendering.compile_wording(BOOKED, "es", written)
    values = BOOKED.values("es", BOOKED.cases[0]) | {"persona": "Ana & Cía", "enlace": "https://x/?a=1&b=2"}
    html = rendering.html_content_of(compiled, values)
    assert "<h2" in html
    assert "<li>Traiga &lt;b&gt;INE&lt;/b&gt;</li>" in html
    assert '<a href="https://x/?a=1&amp;b=2">Véala</a>' in html
    plain = rendering.plain_of(compiled, values)
    assert plain.splitlines()[0] == "Su cita"
    assert "Véala: https://x/?a=1&b=2" in plain
    words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))
    assert "Para: Ana & Cía" in words


def test_lines_without_a_value_are_left_out_and_blank_ones_joined() -> None:
    compiled = rendering.compile_wording(
        BOOKED, "es", Wording("x", "Uno\n\n{enlace}\n\n{si no enlace}Sin enlace\n\nFin", "x")
    )
    assert rendering.plain_of(compiled, {}) == "Uno\n\nSin enlace\n\nFin"
    assert rendering.plain_of(compiled, {"enlace": "https://x"}) == "Uno\n\nhttps://x\n\nFin"


@given(st.text(max_size=700))
def test_parts_are_counted_as_networks_do(text: str) -> None:
    plain = gsm.plain(text)
    septets = gsm.places(plain)
    assert gsm.parts(plain) == (1 if septets <= 160 else -(-septets // 153))
