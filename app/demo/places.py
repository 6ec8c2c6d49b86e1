"""Demonstration units: a family-medicine unit in a town of each state, and two on the border."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.places.importing.units import furniture
from app.places.importing.zones import zone_of
from app.places.models import PostalCode, Room, Shift, Unit

ROOMS = 4
# State letters, state, municipality, first postal code, latitude, longitude (rounded to the town).
TOWNS = (
    ("AS", "AGUASCALIENTES", "AGUASCALIENTES", "20000", 21.88, -102.29),
    ("BC", "BAJA CALIFORNIA", "TIJUANA", "22000", 32.53, -117.02),
    ("BS", "BAJA CALIFORNIA SUR", "LA PAZ", "23000", 24.14, -110.31),
    ("CC", "CAMPECHE", "CAMPECHE", "24000", 19.84, -90.53),
    ("CL", "COAHUILA DE ZARAGOZA", "SALTILLO", "25000", 25.42, -101.00),
    ("CM", "COLIMA", "COLIMA", "28000", 19.24, -103.72),
    ("CS", "CHIAPAS", "TUXTLA GUTIERREZ", "29000", 16.75, -93.12),
    ("CH", "CHIHUAHUA", "CHIHUAHUA", "31000", 28.63, -106.07),
    ("DF", "CIUDAD DE MÉXICO", "CUAUHTÉMOC", "06700", 19.42, -99.16),
    ("DG", "DURANGO", "DURANGO", "34000", 24.02, -104.67),
    ("GT", "GUANAJUATO", "LEON", "37000", 21.12, -101.68),
    ("GR", "GUERRERO", "CHILPANCINGO DE LOS BRAVO", "39000", 17.55, -99.50),
    ("HG", "HIDALGO", "PACHUCA DE SOTO", "42000", 20.12, -98.73),
    ("JC", "JALISCO", "GUADALAJARA", "44100", 20.67, -103.35),
    ("MC", "MÉXICO", "TOLUCA", "50000", 19.29, -99.66),
    ("MN", "MICHOACÁN DE OCAMPO", "MORELIA", "58000", 19.70, -101.19),
    ("MS", "MORELOS", "CUERNAVACA", "62000", 18.92, -99.23),
    ("NT", "NAYARIT", "TEPIC", "63000", 21.50, -104.89),
    ("NL", "NUEVO LEÓN", "MONTERREY", "64000", 25.67, -100.31),
    ("OC", "OAXACA", "OAXACA DE JUAREZ", "68000", 17.06, -96.72),
    ("PL", "PUEBLA", "PUEBLA", "72000", 19.04, -98.20),
    ("QT", "QUERÉTARO", "QUERETARO", "76000", 20.59, -100.39),
    ("QR", "QUINTANA ROO", "BENITO JUAREZ", "77500", 21.16, -86.85),
    ("SP", "SAN LUIS POTOSÍ", "SAN LUIS POTOSI", "78000", 22.15, -100.98),
    ("SL", "SINALOA", "CULIACAN", "80000", 24.80, -107.39),
    ("SR", "SONORA", "HERMOSILLO", "83000", 29.07, -110.96),
    ("TC", "TABASCO", "CENTRO", "86000", 17.99, -92.93),
    ("TS", "TAMAULIPAS", "VICTORIA", "87000", 23.74, -99.15),
    ("TL", "TLAXCALA", "TLAXCALA", "90000", 19.32, -98.24),
    ("VZ", "VERACRUZ DE IGNACIO DE LA LLAVE", "XALAPA", "91000", 19.54, -96.91),
    ("YN", "YUCATÁN", "MERIDA", "97000", 20.97, -89.62),
    ("ZS", "ZACATECAS", "ZACATECAS", "98000", 22.77, -102.58),
    ("CH", "CHIHUAHUA", "JUAREZ", "32000", 31.69, -106.42),
    ("TS", "TAMAULIPAS", "REYNOSA", "88500", 26.09, -98.28),
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A postal code of a town, by its distance from the first one: in the code's number, and in degrees."""

    step: int
    latitude: float
    longitude: float
    is_rural: bool = False


# The centre, two neighbourhoods some kilometres off, and villages about 15 km away.
ZONES = (Zone(0, 0, 0), Zone(20, 0.02, -0.015), Zone(40, -0.03, 0.02), Zone(90, 0.11, 0.08, is_rural=True))


def postal_code(town: int, zone: int) -> str:
    """The postal code of a zone of a town."""
    return f"{int(TOWNS[town][3]) + ZONES[zone].step:05d}"


async def write_postal_codes(session: AsyncSession) -> None:
    """Where they are and whether they are rural, as far as nobody said so before. Twice changes nothing."""
    codes = [
        {
            "code": postal_code(number, place),
            "latitude": latitude + zone.latitude,
            "longitude": longitude + zone.longitude,
            "state": state.title(),
            "municipality": municipality.title(),
            "is_rural": zone.is_rural,
        }
        for number, (_letters, state, municipality, _first, latitude, longitude) in enumerate(TOWNS)
        for place, zone in enumerate(ZONES)
    ]
    await session.execute(insert(PostalCode).values(codes).on_conflict_do_nothing())


def units() -> Iterator[tuple[Unit, list[Room | Shift]]]:
    """Each unit with its rooms and shifts. Serials from 900000 on are not used by the catalogue."""
    for serial, (letters, state, municipality, postal_code, latitude, longitude) in enumerate(TOWNS, start=900_001):
        unit = Unit(
            id=ids.new_id(),
            clues=f"{letters}IMS{serial}",
            name=f"UMF {serial - 900_000} {municipality.title()} (demostración)",
            kind="umf",
            institution="IMSS",
            state_code=letters,
            state=state,
            municipality=municipality,
            address=f"Calle Ejemplo {serial - 900_000}, Colonia Centro",
            postal_code=postal_code,
            latitude=latitude,
            longitude=longitude,
            timezone=zone_of(letters, municipality),
            phone="800 000 0000",
            level=1,
            is_operating=True,
            imported_at=clock.now(),
        )
        yield unit, furniture(unit, ROOMS)


def clues_of(position: int) -> str:
    """The CLUES of the unit in this place of the list."""
    return f"{TOWNS[position][0]}IMS{900_001 + position}"
