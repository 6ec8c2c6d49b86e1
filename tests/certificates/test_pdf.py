"""Every kind of certificate in both languages, as a reader program sees it."""

import unicodedata

import pytest
import segno
import typst

from app.catalog.loader import load_services
from app.certificates.fonts import supported_code_points
from app.certificates.problems import GlyphsMissing
from app.certificates.rendering import TEMPLATES as FOLDER
from app.certificates.rendering import TypesettingFailed, render
from app.certificates.rules import plain
from app.certificates.snapshot import TEMPLATES
from app.kernel.i18n import LANGUAGES, Language
from tests.certificates import factories
from tests.certificates.conftest import Configure
from tests.certificates.factories import document_pdf

COMMON: dict[Language, list[str]] = {
    "es": [
        "Nombre : Ana Núñez Peña",
        "Fecha de nacimiento : 17 de mayo de 1990",
        "Válida hasta : 25 de diciembre de 2026",
        "Trámite : Trámite de préstamo (R-00000-00001-1)",
        "Así consta hoy.",
        "Fundamento : Ley del Seguro Social",
        "Documento de demostración, sin validez oficial.",
        "https://citas.ejemplo.mx/verificar Está firmada",
    ],
    "en": [
        "Name : Ana Núñez Peña",
        "Date of birth : May 17, 1990",
        "Valid until : December 25, 2026",
        "Service : Service of the test (R-00000-00001-1)",
        "So it is on record today.",
        "Legal ground : Ley del Seguro",
        "Made for demonstration, without official validity.",
        "https://citas.ejemplo.mx/en/verificar It is signed",
    ],
}
MARKS = ["CURP : NUPA900517MDFXXN07", "UMF 27 Ahuehuete (DFIMS000027)", "K-7K3M9-QXT2F-R", "0A1B2-C3D4E"]
REFUSED: dict[str, list[str]] = {
    "es": [
        "Por los motivos y fundamentos que siguen:",
        "Faltan semanas (Ley del Seguro Social, art. 154).",
        "Tiene 612 semanas.",
        "Lo sentimos, doña Ñandú.",
        "Con ella puede retirar su saldo (Ley del Seguro Social, art. 154).",
        "Se le notificó el 26 de noviembre de 2026, y la notificación surte efectos el 27 de noviembre de 2026",
        "Recurso de inconformidad: hasta el 18 de diciembre de 2026",
        "Consejo Consultivo. Por escrito. Art. 294.",
    ],
    "en": [
        "For the reasons and on the legal grounds that follow:",
        "Weeks are missing (Ley del Seguro Social, art. 154).",
        "You were notified on November 26, 2026, and the notification takes effect on November 27, 2026",
        "Recurso de inconformidad: until December 18, 2026",
    ],
}
SAYS: dict[tuple[str, Language], list[str]] = {
    ("nss", "es"): [
        "Constancia de número de seguridad social",
        "El número de seguridad social de esta persona es: 12345678903",
    ],
    ("nss", "en"): ["Certificate of social-security number", "This person's social-security number is: 12345678903"],
    ("vigencia", "es"): [
        "conserva su derecho a la atención médica, hasta el 1 de diciembre de 2026",
        "Ángela Ñúñez Hija o hijo Mientras dure el del titular",
        "José Peña Madre o padre 24 dic 2026",
    ],
    ("vigencia", "en"): [
        "keeps the right to medical care, until December 1, 2026",
        "Ángela Ñúñez Daughter or son As long as the holder’s",
        "José Peña Mother or father Dec 24, 2026",
    ],
    ("weeks", "es"): [
        "se le reconocen 1,043 semanas cotizadas",
        "descontadas por retiros : 12",
        "Y6051234567 3 feb 2001 Vigente 7,300",
    ],
    ("weeks", "en"): [
        "is credited with 1,043 contribution weeks",
        "for withdrawals : 12",
        "Y6051234567 Feb 3, 2001 In force 7,300",
    ],
    ("sick-leave", "es"): ["IT998877 Maternidad 4 mar 2026 84 83 $41,234.50", "Total pagado (pesos) : $41,234.50"],
    ("sick-leave", "en"): ["IT998877 Maternity Mar 4, 2026 84 83 $41,234.50", "Total paid (pesos) : $41,234.50"],
    ("not-insured", "es"): ["no consta ninguna afiliación vigente a nombre de esta persona"],
    ("not-insured", "en"): ["no affiliation in force is on record in this person's name"],
    ("resolution", "es"): [
        "La solicitud fue aprobada.",
        "Clínica nueva : UMF 9 Ñandú",
        "Motivos • El domicilio corresponde.",
    ],
    ("refusal", "es"): ["Resolución de negativa", *REFUSED["es"]],
    ("refusal", "en"): ["Resolution of refusal", *REFUSED["en"]],
    ("answer", "es"): ["Respuesta por escrito", *REFUSED["es"]],
    ("answer", "en"): ["Written answer", *REFUSED["en"]],
    ("pension-refusal", "es"): ["Resolución de negativa de pensión", *REFUSED["es"]],
    ("pension-refusal", "en"): ["Resolution of refusal of a pension", *REFUSED["en"]],
    ("resolution", "en"): ["The request was approved.", "New clinic : UMF 9 Ñandú", "Reasons • The address matches."],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_kind_says_its_own_in_both_languages(template: str, language: Language) -> None:
    text = document_pdf(template, language).text()
    wanted = [*COMMON[language], *MARKS, *SAYS[template, language]]
    assert [piece for piece in wanted if piece not in text] == [], text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_kind_is_tagged_titled_and_in_its_language(template: str, language: Language) -> None:
    made = document_pdf(template, language)
    title = SAYS[template, language][0] if template == "nss" else None
    assert made.root["/MarkInfo"]["/Marked"]
    assert str(made.root["/Lang"]) == {"es": "es-MX", "en": "en-US"}[language]
    assert made.root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "<pdfuaid:part>1</pdfuaid:part>" in made.metadata
    assert "<dc:creator><rdf:Seq><rdf:li>Ventanilla</rdf:li>" in made.metadata
    assert title is None or f">{title}</rdf:li>" in made.metadata
    assert "2026-11-25T18:30:00" in made.metadata
    assert all("/Tabs" in page and page["/Tabs"] == "/S" for page in made.pages())


def test_every_service_with_a_certificate_has_a_template() -> None:
    given = {service.result.certificate for service in load_services().values()} - {None}
    assert given <= set(TEMPLATES)
    assert {path.stem for path in FOLDER.glob("*.typ")} == {*TEMPLATES, "layout"}


def test_sixty_periods_flow_on_under_the_same_heads() -> None:
    facts = factories.FACTS["weeks"] | {"periods": factories.periods(60)}
    pages = [" ".join(text.split()) for text in document_pdf("weeks", facts=facts).texts()]
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert "Registro patronal Primer día Último día Días" in page
        assert f"Página {number} de 2" in page
    joined = " ".join(pages)
    assert all(f"Y{year}12345 1 ene {year} 31 dic {year} 365" in joined for year in range(1960, 2020))
    assert "Ventanilla · Constancia de semanas cotizadas" in pages[1]


def test_periods_without_employers_have_no_column_for_them() -> None:
    nameless = [period | {"employer": None} for period in factories.periods(2)]
    text = document_pdf("weeks", facts=factories.FACTS["weeks"] | {"periods": nameless}).text()
    assert "Registro patronal" not in text
    assert "1 ene 1960 31 dic 1960 365" in text


@pytest.mark.parametrize(
    ("template", "facts", "says"),
    [
        (
            "vigencia",
            {"in_force": True, "until": None, "reason": "affiliated"},
            "su derecho a la atención médica. Dura mientras siga el trabajo afiliado que lo da: no tiene una fecha de",
        ),
        (
            "vigencia",
            {"in_force": True, "until": None, "reason": "affiliated", "needed_weeks": 8, "conserved_weeks": 8},
            "se conserva 8 semanas más para quien cotizó al menos 8 semanas seguidas (Ley del Seguro Social, artículo",
        ),
        (
            "vigencia",
            {"in_force": True, "until": None, "reason": "pensioner"},
            "Dura mientras siga la pensión que lo da: no tiene una fecha de término. No",
        ),
        (
            "vigencia",
            {"in_force": True, "until": "2026-12-31", "reason": "affiliated"},
            "Consta hasta el 31 de diciembre de 2026. No",
        ),
        (
            "vigencia",
            {"in_force": True, "until": None, "reason": "pensioner"},
            "tiene vigente, por pensión, su derecho a la atención médica.",
        ),
        (
            "vigencia",
            {"in_force": False, "until": "2026-01-02", "reason": "ended"},
            "médica: terminó el 2 de enero de 2026.",
        ),
        ("vigencia", {"in_force": False, "until": None, "reason": "never"}, "médica: no consta afiliación ni pensión."),
        ("vigencia", {"in_force": False, "until": None, "reason": "never"}, "No constan personas dependientes."),
        ("weeks", {"weeks": 0, "days": 0, "withdrawn": 0, "periods": []}, "No constan periodos de cotización."),
        ("sick-leave", {"leaves": [], "total": "0"}, "No constan incapacidades. Total pagado (pesos) : $0.00"),
        ("resolution", {"rows": [], "reasons": []}, "La solicitud fue aprobada. Fundamento"),
    ],
)
def test_what_is_said_when_there_is_little_to_say(template: str, facts: dict[str, object], says: str) -> None:
    bare: dict[str, object] = {"dependants": []} if template == "vigencia" else {}
    assert says in document_pdf(template, facts=facts | bare).text()


def test_without_validity_unit_and_number_their_lines_are_left_out() -> None:
    person = factories.result()["person"] | {"nss": None}
    text = document_pdf("not-insured", valid_until=None, unit=None, person=person).text()
    assert [word for word in ("Válida hasta", "Unidad", "Número de seguridad social") if word in text] == []


HOSTILE = [
    "Ana #panic() $x^2$ *b* _i_ `raw` <etiqueta> @ref // nada /* nada */ [a] {b}",
    '#image("layout.typ") #read("layout.typ") #eval("1+1") #sys.inputs #include "nss.typ"',
    'Ana "O\'Brien" \\ \\n \\u{41} \\"',
    "= Título - lista + lista / término: ~ -- --- ... https://ejemplo.mx",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_a_name_is_printed_as_it_is(name: str) -> None:
    assert f"Nombre : {name} CURP" in document_pdf("nss", name=name).text()


def test_markup_in_a_table_a_list_and_an_agency_is_printed_as_it_is(configure: Configure) -> None:
    configure(AGENCY_NAME="#panic() & *Hijos*")
    line = {"label": {"es": "#panic()", "en": "x"}, "value": HOSTILE[1]}
    made = document_pdf("resolution", facts={"rows": [line], "reasons": [{"es": HOSTILE[3], "en": "x"}]})
    assert f"#panic() : {HOSTILE[1]}" in made.text()
    assert f"Motivos • {HOSTILE[3]}" in made.text()
    assert "#panic() & *Hijos* Resolución" in made.text()
    relative = {"name": HOSTILE[0], "kinship": "#panic()", "until": None}
    facts = factories.FACTS["vigencia"] | {"dependants": [relative]}
    assert f"{HOSTILE[0]} #panic() Mientras dure" in document_pdf("vigencia", facts=facts).text()


def test_newlines_and_format_characters_do_no_harm() -> None:
    assert (
        "Nombre : Ana Núñez Peña CURP" in document_pdf("nss", name="Ana\nNú\u00adñez\r\nPe\u200bña\u202e\u2028").text()
    )


@pytest.mark.parametrize("name", ["陈 王", "Ana \x07", "😀", "\u0378", "\ufffd", "أمل", "\U0001f1f2"])
@pytest.mark.parametrize("where", ["name", "relative"])
def test_nothing_is_set_with_a_substitute_for_a_letter(name: str, where: str) -> None:
    relative = {"name": name, "kinship": "child", "until": None}
    facts = factories.FACTS["vigencia"] | {"dependants": [relative]}
    with pytest.raises(GlyphsMissing) as stopped:
        document_pdf("vigencia", name=name) if where == "name" else document_pdf("vigencia", facts=facts)
    assert str(stopped.value.values["letters"])


def test_every_letter_we_call_drawn_is_printed() -> None:
    letters = [chr(code) for code in sorted(supported_code_points()) if not chr(code).isspace()]
    alone = [letter for letter in letters if not unicodedata.combining(letter) and plain(letter) == letter]
    assert len(alone) > 1_500
    text = document_pdf("nss", name=" ".join(alone)).text()
    shown = unicodedata.normalize("NFC", text[text.index("Nombre : ") :].removeprefix("Nombre : "))
    assert [letter for letter in alone if letter not in shown] == []


@pytest.mark.parametrize("name", ["Tz\u02bcunun Ch\u02bcen K\u02bcutz", "Yu\ua78cu Ñu\ua78cu Ko\ua78co"])
def test_letters_of_other_languages_are_printed_as_written(name: str) -> None:
    assert f"Nombre : {name} CURP" in document_pdf("nss", name=name).text()


@pytest.mark.parametrize(("name", "word", "times"), [("W" * 2_000, "W", 2_000), ("Lupe " * 400 + "Fin", "Lupe", 400)])
def test_very_long_names_stay_on_the_page(name: str, word: str, times: int) -> None:
    relative = {"name": name, "kinship": "child", "until": None}
    made = document_pdf("vigencia", name=name, facts=factories.FACTS["vigencia"] | {"dependants": [relative]})
    assert "".join(made.texts()).replace("\u200b", "").count(word) == 2 * times
    lines = [line.replace("\u200b", "") for text in made.texts() for line in text.split("\n")]
    assert max(len(line) for line in lines) <= 115


@pytest.mark.parametrize(("language", "path"), [("es", "/verificar"), ("en", "/en/verificar")])
def test_the_qr_code_drawn_is_that_of_the_verification_page(language: Language, path: str) -> None:
    address = f"https://citas.ejemplo.mx{path}?f=K-7K3M9-QXT2F-R&c=0A1B2C3D4E"
    expected = [[bool(module) for module in row] for row in segno.make(address, error="m", micro=False).matrix]
    assert document_pdf("nss", language).modules() == expected


def test_in_production_nothing_says_demonstration(configure: Configure) -> None:
    configure(ENVIRONMENT="production", DATABASE_URL="postgresql://x/y")
    assert "demostración" not in document_pdf("nss").text()


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert document_pdf("weeks").data == document_pdf("weeks").data


def test_a_letter_the_template_cannot_take_is_a_fault_with_its_reason() -> None:
    with pytest.raises(TypesettingFailed, match="dictionary"):
        render("nss", {"language": "es"}, "<svg/>", at=factories.DECIDED)


@pytest.mark.parametrize(
    ("kind", "raised"), [("PanicException", TypesettingFailed), ("KeyboardInterrupt", BaseException)]
)
def test_a_panic_of_the_library_is_a_fault_like_others(
    kind: str, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    panic = type(kind, (BaseException,), {})

    def broken(*_given: object, **_more: object) -> bytes:
        raise panic

    monkeypatch.setattr(typst, "compile", broken)
    with pytest.raises(raised) as caught:
        render("nss", {}, "<svg/>", at=factories.DECIDED)
    assert isinstance(caught.value, TypesettingFailed) == (kind == "PanicException")
