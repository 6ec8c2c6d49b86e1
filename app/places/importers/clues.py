"""One row of the CLUES catalogue (DGIS, health ministry), understood: header names that differ by year, and what
spreadsheets did to postal codes and coordinates."""

import re
from dataclasses import dataclass, field

from app.kernel.parsing import plain_identifier
from app.kernel.tabular.report import Reason
from app.places.importers.text import folded, number, postal_code, tidy
from app.places.importers.zones import is_of_state, knows_state, state_name, zone_of

HEADERS = {
    "clues": ("CLUES",),
    "institution": ("CLAVE DE LA INSTITUCION", "CLAVE INSTITUCION"),
    "state": ("NOMBRE DE LA ENTIDAD", "ENTIDAD"),
    "municipality": ("NOMBRE DEL MUNICIPIO", "MUNICIPIO"),
    "locality": ("NOMBRE DE LA LOCALIDAD", "LOCALIDAD"),
    "typology": ("NOMBRE DE TIPOLOGIA", "TIPOLOGIA"),
    "name": ("NOMBRE DE LA UNIDAD", "NOMBRE UNIDAD"),
    "street_kind": ("TIPO DE VIALIDAD",),
    "street": ("VIALIDAD",),
    "number": ("NUMERO EXTERIOR",),
    "settlement_kind": ("TIPO DE ASENTAMIENTO",),
    "settlement": ("ASENTAMIENTO",),
    "address": ("OBSERVACIONES DE LA DIRECCION",),
    "postal_code": ("CODIGO POSTAL",),
    "status": ("ESTATUS DE OPERACION",),
    "rooms_general": ("CONSULTORIOS DE MED GRAL", "CONSULTORIOS MEDICINA GENERAL"),
    "rooms_total": ("TOTAL DE CONSULTORIOS",),
    "latitude": ("LATITUD",),
    "longitude": ("LONGITUD",),
    "level": ("NIVEL ATENCION", "NIVEL DE ATENCION"),
    "phone": ("TELEFONO 1 DEL ESTABLECIMIENTO", "TELEFONO"),
}
REQUIRED = ("clues", "institution", "state", "municipality", "name", "status")
# The column says IMSS, the key says IMS. IMSS-Bienestar is another institution (IMB, IMO): never match by beginning.
LETTERS = {"IMSS": "IMS", "ISSSTE": "IST", "PEMEX": "PMX"}
CLUES_SHAPE = re.compile(r"^[A-Z]{2}[A-Z]{3}[0-9]{6}$")
# The catalogue has HOPITAL and HOSPILTAL too.
HOSPITAL = re.compile(r"\bHOS?PIL?TAL")
# Hospitals that are also a family clinic: general ones of zone, subzone or region «con medicina familiar».
HOSPITAL_WITH_FAMILY_MEDICINE = re.compile(
    r"^HG[A-Z]{0,2}MF(?![A-Z])|^HG[A-Z]{0,2}M\.F\.|\bMED(?:ICINA|\.)? FAM(?:ILIAR|\.)?(?![A-Z])"
)
LEVELS = {"PRIMER NIVEL": 1, "SEGUNDO NIVEL": 2, "TERCER NIVEL": 3}
PLACEHOLDER = "99999"
SOUTH, NORTH, WEST, EAST = 14.3, 32.8, -118.7, -86.5
MOST_ROOMS = 80
USUAL_FAMILY_ROOMS = 10
# First two figures of a postal code, by the two letters of the state (SEPOMEX).
POSTAL_PREFIXES = {
    "AS": "20",
    "BC": "21-22",
    "BS": "23",
    "CC": "24",
    "CL": "25-27",
    "CM": "28",
    "CS": "29-30",
    "CH": "31-33",
    "DF": "00-16",
    "DG": "34-35",
    "GT": "36-38",
    "GR": "39-41",
    "HG": "42-43",
    "JC": "44-49",
    "MC": "50-57",
    "MN": "58-61",
    "MS": "62",
    "NT": "63",
    "NL": "64-67",
    "OC": "68-71",
    "PL": "72-75",
    "QT": "76",
    "QR": "77",
    "SP": "78-79",
    "SL": "80-82",
    "SR": "83-85",
    "TC": "86",
    "TS": "87-89",
    "TL": "90",
    "VZ": "91-96",
    "YN": "97",
    "ZS": "98-99",
}

BAD_CLUES = Reason("La CLUES no tiene 5 letras y 6 números.", "The CLUES is not 5 letters and 6 digits.")
OTHER_LETTERS = Reason(
    "La institución de la columna y la de la CLUES no coinciden.", "The column's institution and the key's differ."
)
NO_NAME = Reason("La unidad no tiene nombre.", "The unit has no name.")
TWICE = Reason("La CLUES ya apareció antes en el archivo.", "The CLUES came before in this file.")
BAD_POSTAL = Reason("No es un código postal; se dejó vacío.", "Not a postal code; left empty.")
NO_POSTAL = Reason("99999 significa que no se conoce; se dejó vacío.", "99999 means unknown; left empty.")
FAR_POSTAL = Reason("El código postal es de otro estado; se dejó vacío.", "A postal code of another state; left empty.")
LOST_SIGN = Reason("A la longitud le faltaba el signo; se corrigió.", "The longitude had lost its sign; mended.")
SWAPPED = Reason("Latitud y longitud estaban cambiadas; se corrigió.", "Latitude and longitude were swapped; mended.")
EXTRA = Reason("El número tenía una coma y cifras de más; se quitaron.", "Extra figures after a comma; removed.")
BAD_STATE = Reason(
    "Las dos primeras letras de la CLUES no son de ningún estado.", "The CLUES doesn't begin with a state's letters."
)
OTHER_STATE = Reason(
    "La entidad no es la de la CLUES; se tomó la de la CLUES.", "The state isn't that of the CLUES; took the CLUES's."
)
UNKNOWN_ZONE = Reason(
    "Ese estado tiene varias zonas horarias y no se reconoce el municipio: a una unidad nueva se le puso la usual del"
    " estado, revísela; la de una conocida no cambió.",
    "The state has several time zones and the municipality isn't recognised: a new unit got the state's usual one,"
    " check it; a known unit's didn't change.",
)
SHARED_ROOMS = Reason(
    "No dice cuántos consultorios son de medicina familiar; se puso un número usual, los demás son de especialidades.",
    "Doesn't say how many rooms are for family medicine; a usual number put, the others are specialists'.",
)
NOWHERE = Reason("El punto no está en México; se dejó vacío.", "The point isn't in Mexico; left empty.")
NO_ROOMS = Reason(
    "No dice cuántos consultorios; se puso un número usual.", "No number of rooms given; a usual one put."
)


@dataclass(slots=True)
class UnitRow:
    """What the portal keeps of a unit."""

    clues: str
    name: str
    kind: str
    institution: str
    state_code: str
    state: str
    municipality: str
    locality: str | None
    address: str | None
    postal_code: str | None
    latitude: float | None
    longitude: float | None
    timezone: str | None
    """None when it is unknown."""
    phone: str | None
    level: int | None
    is_operating: bool
    rooms: int = field(default=0, compare=False)
    family_rooms: int = field(default=0, compare=False)
    """Of a hospital's rooms, those of family medicine."""
    rooms_notes: "list[Note]" = field(default_factory=list, compare=False)
    """What was assumed about its rooms: said of a new unit only, because those of a known one stay as they are."""


# Which column each of these comes from: where a file has none of them, what is known of the unit stays.
SOURCES = {
    "kind": ("typology",),
    "locality": ("locality",),
    "address": ("street", "address", "settlement"),
    "postal_code": ("postal_code",),
    "latitude": ("latitude", "longitude"),
    "longitude": ("latitude", "longitude"),
    "phone": ("phone",),
    "level": ("level",),
}

Note = tuple[str, str, Reason]


class Refused(Exception):  # noqa: N818 # carries the reason of a rejected row
    """The row can't be taken."""

    def __init__(self, name: str, value: str, reason: Reason) -> None:
        super().__init__(reason.en)
        self.note: Note = (name, value, reason)


def columns_of(header: list[str]) -> dict[str, int]:
    """Where each field is.

    Raises:
        ValueError: a required column is missing; the message names it.
    """
    names = [folded(tidy(cell)) for cell in header]
    found = {
        key: next(names.index(name) for name in synonyms if name in names)
        for key, synonyms in HEADERS.items()
        if any(name in names for name in synonyms)
    }
    missing = [HEADERS[key][0] for key in REQUIRED if key not in found]
    if missing:
        raise ValueError(f"the file has no column {', '.join(missing)}: is it the CLUES catalogue?")
    return found


def has_source(name: str, columns: dict[str, int]) -> bool:
    """Whether the file has a column that this field of a unit comes from."""
    return name not in SOURCES or any(key in columns for key in SOURCES[name])


def of_institution(cells: dict[str, str], institution: str) -> bool:
    """Whether the row is of the institution.

    Raises:
        Refused: the column says so and the key doesn't.
    """
    if folded(cells["institution"]) != folded(institution):
        return False
    clues = plain_identifier(cells["clues"])
    if not CLUES_SHAPE.match(clues):
        raise Refused("CLUES", cells["clues"], BAD_CLUES)
    if clues[2:5] != LETTERS.get(institution.upper(), institution.upper()[:3]):
        raise Refused("CLUES", cells["clues"], OTHER_LETTERS)
    return True


def understand(cells: dict[str, str], institution: str) -> tuple[UnitRow, list[Note]]:
    """The unit of a row, and what was mended or left out.

    Raises:
        Refused: it has no name, or its key is of no state.
    """
    if not cells["name"]:
        raise Refused("NOMBRE DE LA UNIDAD", "", NO_NAME)
    notes: list[Note] = []
    clues = plain_identifier(cells["clues"])
    state_code = clues[:2]
    if not knows_state(state_code):
        raise Refused("CLUES", cells["clues"], BAD_STATE)
    state = cells["state"]
    if not is_of_state(state, state_code):
        notes.append(("NOMBRE DE LA ENTIDAD", state, OTHER_STATE))
        state = state_name(state_code)
    zone = zone_of(state_code, cells["municipality"])
    if zone is None:
        notes.append(("NOMBRE DEL MUNICIPIO", cells["municipality"], UNKNOWN_ZONE))
    latitude, longitude = _point(cells, notes)
    kind = _kind(cells)
    rooms_notes: list[Note] = []
    rooms = _rooms(cells, kind, rooms_notes)
    unit = UnitRow(
        clues=clues,
        name=cells["name"],
        kind=kind,
        institution=institution.upper(),
        state_code=state_code,
        state=state,
        municipality=cells["municipality"],
        locality=cells.get("locality") or None,
        address=_address(cells),
        postal_code=_postal_code(cells.get("postal_code", ""), state_code, notes),
        latitude=latitude,
        longitude=longitude,
        timezone=zone,
        phone=cells.get("phone") or None,
        level=LEVELS.get(folded(cells.get("level", ""))),
        is_operating=folded(cells["status"]) == "EN OPERACION",
        rooms=rooms,
        family_rooms=_family_rooms(cells, kind, rooms, rooms_notes),
        rooms_notes=rooms_notes,
    )
    return unit, notes


def _kind(cells: dict[str, str]) -> str:
    typology, name = folded(cells.get("typology", "")), folded(cells["name"])
    is_hospital = HOSPITAL.search(typology)
    if "MEDICINA FAMILIAR" in typology and not is_hospital:
        return "umf"
    if is_hospital or HOSPITAL.search(name) or name.startswith("HG"):
        return "hospital"
    if name.startswith("UMF"):
        return "umf"
    return "clinic" if "CLINICA" in typology else "other"


def _rooms(cells: dict[str, str], kind: str, notes: list[Note]) -> int:
    general, total = number(cells.get("rooms_general", "")), number(cells.get("rooms_total", ""))
    count = (total or general) if kind == "hospital" else (general or total)
    if not count:
        notes.append(("TOTAL DE CONSULTORIOS", cells.get("rooms_total", ""), NO_ROOMS))
        count = {"umf": 4, "hospital": 6}.get(kind, 2)
    return min(count, MOST_ROOMS)


def _family_rooms(cells: dict[str, str], kind: str, rooms: int, notes: list[Note]) -> int:
    """How many of a hospital's rooms are of family medicine: none, but in those that are a clinic too."""
    named = (folded(cells.get(key, "")) for key in ("name", "typology"))
    if kind != "hospital" or not any(HOSPITAL_WITH_FAMILY_MEDICINE.search(text) for text in named):
        return 0
    general, total = number(cells.get("rooms_general", "")), number(cells.get("rooms_total", ""))
    if general and total and general < total:
        return min(general, rooms)
    notes.append(("CONSULTORIOS DE MED GRAL", cells.get("rooms_general", ""), SHARED_ROOMS))
    return min(USUAL_FAMILY_ROOMS, rooms)


def _address(cells: dict[str, str]) -> str | None:
    whole = cells.get("address", "")
    street = " ".join(part for part in (cells.get("street", ""), cells.get("number", "")) if part)
    settlement = " ".join(part for part in (cells.get("settlement_kind", ""), cells.get("settlement", "")) if part)
    built = ", ".join(part for part in (street, settlement) if part)
    return whole or built or None


def _postal_code(cell: str, state_code: str, notes: list[Note]) -> str | None:
    if not cell:
        return None
    value = postal_code(cell)
    code = f"{value:05d}" if value is not None else ""
    problem = None
    if value is None or len(code) != 5:
        problem = BAD_POSTAL
    elif code == PLACEHOLDER:
        problem = NO_POSTAL
    elif not _of_state(code, state_code):
        problem = FAR_POSTAL
    if problem is None:
        return code
    notes.append(("CODIGO POSTAL", cell, problem))
    return None


def _of_state(code: str, state_code: str) -> bool:
    span = POSTAL_PREFIXES.get(state_code)
    if span is None:
        return True
    first, _dash, last = span.partition("-")
    return first <= code[:2] <= (last or first)


def _point(cells: dict[str, str], notes: list[Note]) -> tuple[float | None, float | None]:
    texts = cells.get("latitude", ""), cells.get("longitude", "")
    if not any(texts):
        return None, None
    latitude, longitude = _decimal(texts[0], notes), _decimal(texts[1], notes)
    shown = " ".join(texts)
    if not latitude or not longitude:
        notes.append(("LATITUD LONGITUD", shown, NOWHERE))
        return None, None
    if WEST <= latitude <= EAST and SOUTH <= longitude <= NORTH:
        notes.append(("LATITUD LONGITUD", shown, SWAPPED))
        latitude, longitude = longitude, latitude
    if WEST <= -longitude <= EAST:
        notes.append(("LONGITUD", texts[1], LOST_SIGN))
        longitude = -longitude
    if SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST:
        return latitude, longitude
    notes.append(("LATITUD LONGITUD", shown, NOWHERE))
    return None, None


def _decimal(cell: str, notes: list[Note]) -> float | None:
    text = cell.strip()
    if "," in text and "." in text:
        notes.append(("LATITUD LONGITUD", cell, EXTRA))
        text = text.split(",")[0]
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
