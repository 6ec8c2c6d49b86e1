"""Demonstration units: a family-medicine unit in a town of each state, and two on the border."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kernel import clock, ids
from app.places.importers.units import furniture
from app.places.importers.zones import zone_of
from app.places.models import PostalCode, Room, Shift, Unit

ROOMS = 4
# State letters, state, municipality, first postal code, latitude, longitude (rounded to the town).
TOWNS = (
    ("AS", "Aguascalientes", "Aguascalientes", "20000", 21.88, -102.29),
    ("BC", "Baja California", "Tijuana", "22000", 32.53, -117.02),
    ("BS", "Baja California Sur", "La Paz", "23000", 24.14, -110.31),
    ("CC", "Campeche", "Campeche", "24000", 19.84, -90.53),
    ("CL", "Coahuila de Zaragoza", "Saltillo", "25000", 25.42, -101.00),
    ("CM", "Colima", "Colima", "28000", 19.24, -103.72),
    ("CS", "Chiapas", "Tuxtla Gutiérrez", "29000", 16.75, -93.12),
    ("CH", "Chihuahua", "Chihuahua", "31000", 28.63, -106.07),
    ("DF", "Ciudad de México", "Cuauhtémoc", "06700", 19.42, -99.16),
    ("DG", "Durango", "Durango", "34000", 24.02, -104.67),
    ("GT", "Guanajuato", "León", "37000", 21.12, -101.68),
    ("GR", "Guerrero", "Chilpancingo de los Bravo", "39000", 17.55, -99.50),
    ("HG", "Hidalgo", "Pachuca de Soto", "42000", 20.12, -98.73),
    ("JC", "Jalisco", "Guadalajara", "44100", 20.67, -103.35),
    ("MC", "México", "Toluca", "50000", 19.29, -99.66),
    ("MN", "Michoacán de Ocampo", "Morelia", "58000", 19.70, -101.19),
    ("MS", "Morelos", "Cuernavaca", "62000", 18.92, -99.23),
    ("NT", "Nayarit", "Tepic", "63000", 21.50, -104.89),
    ("NL", "Nuevo León", "Monterrey", "64000", 25.67, -100.31),
    ("OC", "Oaxaca", "Oaxaca de Juárez", "68000", 17.06, -96.72),
    ("PL", "Puebla", "Puebla", "72000", 19.04, -98.20),
    ("QT", "Querétaro", "Querétaro", "76000", 20.59, -100.39),
    ("QR", "Quintana Roo", "Benito Juárez", "77500", 21.16, -86.85),
    ("SP", "San Luis Potosí", "San Luis Potosí", "78000", 22.15, -100.98),
    ("SL", "Sinaloa", "Culiacán", "80000", 24.80, -107.39),
    ("SR", "Sonora", "Hermosillo", "83000", 29.07, -110.96),
    ("TC", "Tabasco", "Centro", "86000", 17.99, -92.93),
    ("TS", "Tamaulipas", "Victoria", "87000", 23.74, -99.15),
    ("TL", "Tlaxcala", "Tlaxcala", "90000", 19.32, -98.24),
    ("VZ", "Veracruz de Ignacio de la Llave", "Xalapa", "91000", 19.54, -96.91),
    ("YN", "Yucatán", "Mérida", "97000", 20.97, -89.62),
    ("ZS", "Zacatecas", "Zacatecas", "98000", 22.77, -102.58),
    ("CH", "Chihuahua", "Juárez", "32000", 31.69, -106.42),
    ("TS", "Tamaulipas", "Reynosa", "88500", 26.09, -98.28),
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
    """Write coordinates and whether they are rural, where unknown. Idempotent."""
    codes = [
        {
            "code": postal_code(number, place),
            "latitude": latitude + zone.latitude,
            "longitude": longitude + zone.longitude,
            "state": state,
            "municipality": municipality,
            "is_rural": zone.is_rural,
        }
        for number, (_letters, state, municipality, _first, latitude, longitude) in enumerate(TOWNS)
        for place, zone in enumerate(ZONES)
    ]
    await session.execute(insert(PostalCode).values(codes).on_conflict_do_nothing())


def units() -> Iterator[tuple[Unit, list[Room | Shift]]]:
    """Return the units with rooms and shifts. Serials from 900000 on are not used by the catalogue."""
    for serial, (letters, state, municipality, postal_code, latitude, longitude) in enumerate(TOWNS, start=900_001):
        unit = Unit(
            id=ids.new_id(),
            clues=f"{letters}IMS{serial}",
            name=f"UMF {serial - 900_000} {municipality} (demostración)",
            kind="umf",
            institution="IMSS",
            state_code=letters,
            state=state.upper(),
            municipality=municipality.upper(),
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
    """Return the CLUES of the unit at this position of the list."""
    return f"{TOWNS[position][0]}IMS{900_001 + position}"
