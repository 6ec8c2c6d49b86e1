"""What is wrong with a text before it is stored: what, where, and what to do. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from app.kernel.i18n import LANGUAGES, N_, Language, language
from app.kernel.i18n import gettext as _
from app.kernel.parsing import is_one_line, without_unseen
from app.notifications import gsm
from app.notifications.templates.declarations import DatumKind, Part, Template, Wording, Wordings
from app.notifications.templates.rendering import MOST_PARTS, compile_wording, sms_of
from app.notifications.templates.syntax import Datum, Line, LineKind, LooseBrace, Words, parse

LONGEST_SUBJECT, LONGEST_BODY, LONGEST_SMS, LONGEST_PUSH = 120, 2_000, 600, 100
LONGEST = {Part.SUBJECT: LONGEST_SUBJECT, Part.BODY: LONGEST_BODY, Part.SMS: LONGEST_SMS, Part.PUSH: LONGEST_PUSH}
IN_ONE_LINE = (Part.SUBJECT, Part.PUSH)

NOT_SENT = {
    Part.SMS: N_("Este mensaje no va por mensaje de texto. Déjelo vacío."),
    Part.PUSH: N_("Este mensaje no tiene aviso en el navegador. Déjelo vacío."),
}
"""What a part that the template hasn't got may not have: a text."""
EMPTY = N_("Está vacío. Escriba el texto.")
EMPTY_CASE = N_("En el caso «%(case)s» queda vacío. Escriba una línea que se muestre también entonces.")
TOO_LONG = N_("Tiene %(written)s letras y caben %(most)s. Acórtelo.")
ONE_LINE = N_("Va en una sola línea. Quite el salto de línea.")
UNSEEN = N_("Línea %(line)s: tiene un signo que no se ve. Escriba la línea otra vez.")
BRACE = N_("Línea %(line)s: hay una llave suelta. Un dato se escribe como {%(example)s}; quite la llave o complétela.")
UNKNOWN = N_("Línea %(line)s: {%(name)s} no es un dato de este mensaje. Use uno de la lista: %(known)s.")
NO_DATA = N_("Línea %(line)s: {%(name)s} no puede ir en esta parte, que no lleva datos. Quítelo de aquí.")
LONE_BRACE = N_("Línea %(line)s: hay una llave, y esta parte no lleva datos. Quítela.")
NOT_HERE = N_("Línea %(line)s: {%(name)s} no puede ir en esta parte. Quítelo de aquí.")
NOT_A_LINK = N_("Línea %(line)s: {%(name)s} no es un enlace. Entre paréntesis va el dato de un enlace.")
NO_LABEL_HERE = N_("Línea %(line)s: un enlace con palabras sólo va en el correo. Aquí escriba {%(name)s} solo.")
ALONE = N_("Línea %(line)s: {%(name)s} es una lista. Déjela sola en su línea.")
MISSING = N_("Falta {%(name)s} (%(meaning)s) en el caso «%(case)s». Agréguelo en una línea que se muestre entonces.")
LETTER = N_("Línea %(line)s: «%(letter)s» no existe en los mensajes de texto. Quítela.")
TOO_MANY = N_("Con los datos de ejemplo ocupa %(needed)s mensajes de texto y se permiten %(most)s. Acórtelo.")


@dataclass(frozen=True, slots=True)
class TextIssue:
    """Something wrong in a part of a text in a language. `text` is marked for translation."""

    language: Language
    part: Part
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def field(self) -> str:
        """The name of the field of a form, and of the API."""
        return f"{self.part.value}_{self.language}"

    def message(self) -> str:
        """What, where and what to do, in the current language."""
        return _(self.text) % self.values if self.values else _(self.text)


def check(template: Template, wordings: Wordings) -> list[TextIssue]:
    """Everything wrong with the texts of a template, in both languages; nothing: they may be stored."""
    return [
        TextIssue(code, part, text, values)
        for code in LANGUAGES
        for part in Part
        for text, values in _check_part(template, code, part, wordings[code])
    ]


Found = Iterator[tuple[str, Mapping[str, object]]]


def _check_part(template: Template, code: Language, part: Part, wording: Wording) -> Found:
    written = wording.part(part)
    if part not in template.parts:
        if written:
            yield NOT_SENT[part], {}
        return
    if not without_unseen(written).strip():
        yield EMPTY, {}
        return
    if len(written) > LONGEST[part]:
        yield TOO_LONG, {"written": len(written), "most": LONGEST[part]}
        return
    lines = parse(written)
    wrong = list(_check_ends(part, written)) or [found for line in lines for found in _check_line(template, part, line)]
    yield from wrong
    if not wrong:
        yield from _check_cases(template, code, part, lines, wording)


def _check_ends(part: Part, written: str) -> Found:
    """Lines end with LF only, so that a line is one wherever it is shown."""
    if part in IN_ONE_LINE:
        if not is_one_line(written):
            yield ONE_LINE, {}
        return
    yield from ((UNSEEN, {"line": at}) for at, line in enumerate(written.split("\n"), 1) if not is_one_line(line))


def _check_line(template: Template, part: Part, line: Line) -> Found:
    at = {"line": line.number}
    known = [name for name, one in template.data.items() if part in one.parts]
    for condition in line.conditions:
        if part is Part.PUSH:  # it is the same for everyone
            yield NO_DATA, at | {"name": condition.name}
        elif condition.name not in template.data:
            yield _unknown(list(template.data), at | {"name": condition.name})
    for piece in line.pieces:
        if isinstance(piece, LooseBrace):
            yield (BRACE, at | {"example": known[0]}) if known else (LONE_BRACE, at)
        elif isinstance(piece, Words):
            yield from _check_words(part, piece.text, at)
        else:
            yield from _check_datum(template, part, line, piece, known)


def _unknown(known: Sequence[str], at: Mapping[str, object]) -> tuple[str, Mapping[str, object]]:
    """A datum that the template hasn't got: which it has, if any."""
    return (UNKNOWN, {**at, "known": ", ".join(f"{{{name}}}" for name in known)}) if known else (NO_DATA, at)


def _check_datum(template: Template, part: Part, line: Line, datum: Datum, known: Sequence[str]) -> Found:
    at = {"line": line.number, "name": datum.name}
    declared = template.data.get(datum.name)
    if declared is None:
        yield _unknown(known, at)
    elif part not in declared.parts:
        yield NOT_HERE, at
    elif datum.label is not None and declared.kind is not DatumKind.LINK:
        yield NOT_A_LINK, at
    elif datum.label is not None and part is not Part.BODY:
        yield NO_LABEL_HERE, at
    elif declared.kind is DatumKind.LIST and (len(line.pieces) > 1 or line.kind is not LineKind.TEXT):
        yield ALONE, at


def _check_words(part: Part, text: str, at: Mapping[str, object]) -> Found:
    if without_unseen(text) != " ".join(normalize("NFC", text).split()):
        yield UNSEEN, at
    if part is Part.SMS:
        lost = next((letter for letter in text if gsm.plain(letter) == "?" and letter != "?"), None)
        if lost is not None:
            yield LETTER, {**at, "letter": lost}


def _check_cases(template: Template, code: Language, part: Part, lines: Sequence[Line], wording: Wording) -> Found:
    missing: set[str] = set()
    for case in template.cases:
        values = template.values(code, case)
        shown = [line for line in lines if line.is_shown(values) and line.kind is not LineKind.BLANK]
        if not shown:
            yield EMPTY_CASE, {"case": case.name[language()]}
            continue
        names = {datum.name for line in shown for datum in line.data()}
        for name in template.required.get(part, ()):
            if name in values and name not in names | missing:
                missing.add(name)
                meaning = template.data[name].meaning[language()]
                yield MISSING, {"name": name, "meaning": meaning, "case": case.name[language()]}
    if part is Part.SMS:
        needed = sms_parts(template, code, wording)
        if needed > MOST_PARTS:
            yield TOO_MANY, {"needed": needed, "most": MOST_PARTS}


def sms_parts(template: Template, code: Language, wording: Wording) -> int:
    """The parts of the text message with the sample values, in the longest case."""
    compiled = compile_wording(template, code, wording)
    return max(gsm.parts(sms_of(compiled, template.values(code, case))) for case in template.cases)
