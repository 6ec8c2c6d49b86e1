"""The clock of a place that isn't known, the distance between places, and a CLUES as people write it. Pure."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import time
from typing import Literal

RoomKind = Literal["consulting", "dental", "preventive", "window", "specialist"]
UnitKind = Literal["umf", "hospital", "clinic", "other"]

DEFAULT_ZONE = "America/Mexico_City"
"""Where no unit is known: the time zone of most of the country."""
WAKES, SLEEPS = time(8), time(21)
"""Waking hours by the clock of a unit, in which messages that no one waits for leave: from the first, until before the
second."""
SEPARATORS = re.compile(r"[\W_]+")
EARTH_KM = 6371.0088  # mean radius, IUGG


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map, in degrees (WGS 84)."""

    latitude: float
    longitude: float


def kilometres(one: Point, other: Point) -> float:
    """Great-circle distance by the haversine formula, in kilometres."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def plain_clues(written: str) -> str:
    """A CLUES as it is stored, of one written with full-width signs, hyphens or spaces: «bcims-900 002»."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", written)).upper()
