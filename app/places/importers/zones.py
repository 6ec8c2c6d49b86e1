"""The time zone of a place by state and municipality.

Ley de los Husos Horarios en los Estados Unidos Mexicanos (DOF 2022-10-28): most of the country has no daylight saving;
Baja California and the municipalities on the northern border change with the United States. Names of zones are IANA's,
those of municipalities INEGI's (Catálogo Único de Claves de Áreas Geoestadísticas).
"""

import re
from functools import lru_cache

from app.places.importers.municipalities import MUNICIPALITIES
from app.places.importers.text import folded
from app.places.rules import DEFAULT_ZONE

STATES = {
    "AS": "AGUASCALIENTES",
    "BC": "BAJA CALIFORNIA",
    "BS": "BAJA CALIFORNIA SUR",
    "CC": "CAMPECHE",
    "CL": "COAHUILA",
    "CM": "COLIMA",
    "CS": "CHIAPAS",
    "CH": "CHIHUAHUA",
    "DF": "CIUDAD DE MEXICO",
    "DG": "DURANGO",
    "GT": "GUANAJUATO",
    "GR": "GUERRERO",
    "HG": "HIDALGO",
    "JC": "JALISCO",
    "MC": "MEXICO",
    "MN": "MICHOACAN",
    "MS": "MORELOS",
    "NT": "NAYARIT",
    "NL": "NUEVO LEON",
    "OC": "OAXACA",
    "PL": "PUEBLA",
    "QT": "QUERETARO",
    "QR": "QUINTANA ROO",
    "SP": "SAN LUIS POTOSI",
    "SL": "SINALOA",
    "SR": "SONORA",
    "TC": "TABASCO",
    "TS": "TAMAULIPAS",
    "TL": "TLAXCALA",
    "VZ": "VERACRUZ",
    "YN": "YUCATAN",
    "ZS": "ZACATECAS",
}
OTHER_NAMES_OF_STATES = {"DF": ("DISTRITO FEDERAL", "CDMX"), "MC": ("ESTADO DE MEXICO", "EDO. DE MEXICO", "EDOMEX")}
BY_STATE = {
    "BC": "America/Tijuana",
    "BS": "America/Mazatlan",
    "CH": "America/Chihuahua",
    "NT": "America/Mazatlan",
    "QR": "America/Cancun",
    "SL": "America/Mazatlan",
    "SR": "America/Hermosillo",
}
JUAREZ, OJINAGA, MATAMOROS = "America/Ciudad_Juarez", "America/Ojinaga", "America/Matamoros"
# What differs from the rest of its state.
BY_MUNICIPALITY = {
    ("NT", "BAHIA DE BANDERAS"): "America/Bahia_Banderas",
    **{("CH", name): JUAREZ for name in ("JUAREZ", "ASCENSION", "GUADALUPE", "JANOS", "PRAXEDIS G. GUERRERO")},
    **{("CH", name): OJINAGA for name in ("OJINAGA", "COYAME DEL SOTOL", "MANUEL BENAVIDES")},
    **{
        ("CL", name): MATAMOROS
        for name in (
            *("ACUÑA", "ALLENDE", "GUERRERO", "HIDALGO", "JIMENEZ", "MORELOS", "NAVA", "OCAMPO", "PIEDRAS NEGRAS"),
            *("VILLA UNION", "ZARAGOZA"),
        )
    },
    ("NL", "ANAHUAC"): MATAMOROS,
    **{
        ("TS", name): MATAMOROS
        for name in (
            *("CAMARGO", "GUERRERO", "GUSTAVO DIAZ ORDAZ", "MATAMOROS", "MIER", "MIGUEL ALEMAN", "NUEVO LAREDO"),
            *("REYNOSA", "RIO BRAVO", "VALLE HERMOSO"),
        )
    },
}
_FOLDED = {(state, folded(name)): zone for (state, name), zone in BY_MUNICIPALITY.items()}
SEVERAL_ZONES = frozenset(state for state, _name in BY_MUNICIPALITY)

# Abbreviations of the catalogue's own, and words that some files leave out.
ABBREVIATIONS = {
    "CD": "CIUDAD",
    "NVO": "NUEVO",
    "NVA": "NUEVA",
    "GRAL": "GENERAL",
    "STA": "SANTA",
    "STO": "SANTO",
    "SN": "SAN",
    "VA": "VILLA",
    "VLLA": "VILLA",
    "DR": "DOCTOR",
    "FCO": "FRANCISCO",
    "MA": "MARIA",
    "PTO": "PUERTO",
    "GPE": "GUADALUPE",
    "HGO": "HIDALGO",
    "GRO": "GUERRERO",
    "PZA": "PLAZA",
    "B": "BAHIA",
}
LEFT_OUT = frozenset({"DE", "DEL", "LA", "LAS", "LOS", "EL", "Y", "CIUDAD", "HEROICA", "H", "MUNICIPIO", "MPIO"})


def knows_state(state_code: str) -> bool:
    """Whether the first two letters of a CLUES are those of a state."""
    return state_code in STATES


def state_name(state_code: str) -> str:
    """The name of the state of these two letters, as the catalogue writes it."""
    return STATES[state_code]


def is_of_state(name: str, state_code: str) -> bool:
    """Whether a state's name, as files write it (COAHUILA DE ZARAGOZA, EDO. DE MEXICO), is that of the two letters."""
    given = folded(name)
    known = (STATES.get(state_code, ""), *OTHER_NAMES_OF_STATES.get(state_code, ()))
    # «VERACRUZ DE IGNACIO DE LA LLAVE» begins with the short name; so does «BAJA CALIFORNIA SUR», which is another.
    longer = any(given.startswith(f"{one} DE ") for one in known)
    return given in known or longer


def zone_of(state_code: str, municipality: str) -> str | None:
    """The IANA zone of a municipality, by the two letters of its state; None when it is unknown: the state has
    several zones, and no municipality of it has that name."""
    usual = BY_STATE.get(state_code, DEFAULT_ZONE)
    if state_code not in SEVERAL_ZONES:
        return usual
    known = municipality_of(state_code, municipality)
    return None if known is None else _FOLDED.get((state_code, known), usual)


def usual_zone(state_code: str) -> str:
    """The zone of most of a state."""
    return BY_STATE.get(state_code, DEFAULT_ZONE)


def municipality_of(state_code: str, name: str) -> str | None:
    """INEGI's name, in capitals without accents, of a municipality as a file writes it: abbreviated (CD. JUAREZ, NVO.
    LAREDO), with initials (G. DIAZ ORDAZ) or without its articles (BAHIA BANDERAS); None when none or several fit."""
    given = folded(name)
    names = _names(state_code)
    if given in names:
        return given
    words = _words(given)
    if not words:
        return None
    fitting = [known for known in names if _fits(words, _words(known))]
    return fitting[0] if len(fitting) == 1 else None


@lru_cache
def _names(state_code: str) -> tuple[str, ...]:
    return tuple(folded(name) for name in MUNICIPALITIES.get(state_code, ()))


def _words(name: str) -> tuple[str, ...]:
    words = [ABBREVIATIONS.get(word, word) for word in re.findall(r"[A-Z0-9]+", name)]
    return tuple(word for word in words if word not in LEFT_OUT)


def _fits(given: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Word by word the same; a single letter stands for a word that begins with it, either way."""
    return len(given) == len(known) and all(
        one == other or (1 in {len(one), len(other)} and one[0] == other[0])
        for one, other in zip(given, known, strict=True)
    )
