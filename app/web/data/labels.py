"""Labels of groups, places and parameters on the data pages."""

from datetime import date
from typing import Any

from app.appointments.labels import SERVICES, service_name
from app.catalog.loader import load_services
from app.catalog.rules.eligibility.registry import rule_named
from app.kernel.i18n import N_, _
from app.web.data.numbers import day_name, month_name, quarter_name

GROUPS = {
    "day": N_("Día"),
    "week": N_("Semana que empieza el"),
    "month": N_("Mes"),
    "quarter": N_("Trimestre"),
    "year": N_("Año"),
    "region": N_("Región"),
    "state": N_("Estado"),
    "unit": N_("Unidad"),
    "service": N_("Trámite"),
    "channel": N_("Por dónde"),
    "device": N_("Aparato"),
    "age": N_("Edad"),
    "sex": N_("Sexo"),
    "rurality": N_("Lugar"),
    "language": N_("Idioma"),
    "reason": N_("Motivo"),
}
CHANNELS = {"web": N_("Páginas"), "api": N_("Programas"), "desk": N_("Ventanilla"), "phone": N_("Teléfono")}
EVERY = {"month": N_("Mes"), "week": N_("Semana"), "quarter": N_("Trimestre")}
SEGMENTS = {
    "sex": (N_("Sexo"), {"M": N_("mujer"), "H": N_("hombre"), "X": N_("otro")}),
    "age": (N_("Edad"), {"0-17": "0-17", "18-29": "18-29", "30-44": "30-44", "45-59": "45-59", "60+": "60+"}),
    "device": (N_("Aparato"), {"phone": N_("teléfono"), "tablet": N_("tableta"), "computer": N_("computadora")}),
    "rurality": (N_("Lugar"), {"urban": N_("urbano"), "rural": N_("rural")}),
    "language": (N_("Idioma"), {"es": N_("español"), "en": N_("inglés")}),
}
EXPORTS = {
    "released": N_("Lo que se publica de trámites y visitas, por mes"),
    "released_services": N_("Lo mismo por servicio en todo el país, también donde no se publica un lugar más fino"),
    "access": N_("Días al tercer horario libre, por día"),
    "parameters": N_("Cifras de las versiones publicadas"),
    "regions": N_("Región de cada estado"),
    "kinds": N_("Tipo de cada trámite"),
}
CHANGES = {"appointment-move": N_("Cambio de una cita"), "appointment-cancel": N_("Cancelación de una cita")}
STATES = {
    "AS": "Aguascalientes",
    "BC": "Baja California",
    "BS": "Baja California Sur",
    "CC": "Campeche",
    "CH": "Chihuahua",
    "CL": "Coahuila",
    "CM": "Colima",
    "CS": "Chiapas",
    "DF": "Ciudad de México",
    "DG": "Durango",
    "GR": "Guerrero",
    "GT": "Guanajuato",
    "HG": "Hidalgo",
    "JC": "Jalisco",
    "MC": "Estado de México",
    "MN": "Michoacán",
    "MS": "Morelos",
    "NL": "Nuevo León",
    "NT": "Nayarit",
    "OC": "Oaxaca",
    "PL": "Puebla",
    "QR": "Quintana Roo",
    "QT": "Querétaro",
    "SL": "Sinaloa",
    "SP": "San Luis Potosí",
    "SR": "Sonora",
    "TC": "Tabasco",
    "TL": "Tlaxcala",
    "TS": "Tamaulipas",
    "VZ": "Veracruz",
    "YN": "Yucatán",
    "ZS": "Zacatecas",
}
"""States by the letters of their units' CLUES, under the names people use; they are the same in every language."""


def service(code: str) -> str:
    """What people call a service, an appointment or a change of one."""
    if code in load_services():
        return str(load_services()[code].name)
    if code in CHANGES:
        return _(CHANGES[code])
    if code in SERVICES or code.startswith("specialist-"):
        return service_name(code)
    return _("Sin trámite conocido") if code in {"", "unknown"} else code


def reason(code: str) -> str:
    """What the reason of a refusal says; the same code means the same in every service that has it."""
    found = (one for each in load_services().values() for one in each.decision.reasons if one.code == code)
    one = next(found, None)
    if one is not None:
        return str(one.text)
    rule = rule_named(code)
    return _(rule.label) if rule is not None else code


def name_of(group: str, key: Any) -> str:
    """What a key of a group is called on a page."""
    if isinstance(key, date):
        return _period(group, key)
    if group == "service":
        return service(key)
    if group == "state":
        return STATES.get(key, _("Sin unidad"))
    return reason(key) if group == "reason" else str(key)


def _period(group: str, first: date) -> str:
    if group in {"day", "week"}:
        return day_name(first)
    if group == "quarter":
        return quarter_name(first)
    return f"{first:%Y}" if group == "year" else month_name(first)


def in_sentence(group: str, key: Any) -> str:
    """What a key is called within a sentence: a week by its first day."""
    name = name_of(group, key)
    if group == "quarter":
        return _("el %(quarter)s") % {"quarter": name}
    return _("la semana del %(day)s") % {"day": name} if group == "week" else name


def segment(segment_name: str, value: str) -> str:
    """«Sexo: mujer»."""
    label, values = SEGMENTS[segment_name]
    return f"{_(label)}: {_(values[value])}"
