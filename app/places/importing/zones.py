"""The time zone of a place by state and municipality.

Ley de los Husos Horarios en los Estados Unidos Mexicanos (DOF 2022-10-28): most of the country has no daylight saving;
Baja California and the municipalities on the northern border change with the United States. Names are IANA's.
"""

from app.kernel.clock import CENTRE
from app.places.importing.text import folded

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


def zone_of(state_code: str, municipality: str) -> str:
    """The IANA zone of a municipality, by the two letters of its state."""
    return _FOLDED.get((state_code, folded(municipality)), BY_STATE.get(state_code, CENTRE))
