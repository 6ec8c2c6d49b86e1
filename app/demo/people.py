"""Fictitious people with valid CURPs and social-security numbers, in the format of an agency's files.

Names are drawn from short lists of common ones; any resemblance is coincidental. Columns are generated with NumPy, so
that a million people take seconds.
"""

import csv
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.demo.places import ROOMS, TOWNS, ZONES, clues_of, postal_code
from app.registry.importers.checks import CURP_ALPHABET

WOMEN = ("María", "Guadalupe", "Ana", "Luz", "Carmen", "Rosa", "Sofía", "Elena", "Itzel", "Lucía", "Marisol", "Nayeli")
MEN = ("José", "Juan", "Luis", "Carlos", "Miguel", "Pedro", "Iván", "Óscar", "Raúl", "Diego", "Emilio", "Tonatiuh")
SURNAMES = (
    *("Hernández", "García", "Martínez", "López", "González", "Pérez", "Rodríguez", "Sánchez", "Ramírez", "Cruz"),
    *("Flores", "Gómez", "Morales", "Vázquez", "Jiménez", "Reyes", "Torres", "Díaz", "Gutiérrez", "Ruiz"),
    *("Mendoza", "Aguilar", "Ortiz", "Castillo", "Moreno", "Romero", "Álvarez", "Núñez", "Peña", "Ibáñez"),
)
STATES = np.array([town[0] for town in TOWNS])
FIRST_YEAR, DAYS = 1940, 31_000
OLDEST_CHILD = 25
LAST_DAY = date(2026, 6, 30)
CHILDREN_SHARE, WORKING_SHARE, ENDED_SHARE = 0.25, 0.86, 0.06
BATCH = 50_000
HOMES = np.array([0, 0, 0, 1, 0, 2, 1, 3, 2, 3])
"""The zone of their town that ten families live in."""


@dataclass(frozen=True, slots=True)
class Files:
    """The three files written."""

    people: Path
    periods: Path
    dependants: Path


def write_people(folder: Path, count: int, seed: int) -> Files:
    """Write people, their affiliation periods and their families as three CSV files."""
    rng = np.random.default_rng(seed)
    table = _draw(rng, count)
    files = Files(*(folder / f"{name}.csv" for name in ("people", "periods", "dependants")))
    _write_people(files.people, table)
    _write_periods(files.periods, table, rng)
    _write_dependants(files.dependants, table)
    return files


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of all people. The first `holders` are adults with a number of their own; the rest, children."""

    holders: int
    curp: NDArray[np.str_]
    nss: NDArray[np.str_]
    given: NDArray[np.str_]
    first: NDArray[np.str_]
    second: NDArray[np.str_]
    birth: NDArray[np.datetime64]
    sex: NDArray[np.str_]
    town: NDArray[np.int64]
    zone: NDArray[np.int64]
    room: NDArray[np.int64]
    shift: NDArray[np.str_]


def _draw(rng: np.random.Generator, count: int) -> Table:
    holders = count - int(count * CHILDREN_SHARE)
    parent = np.concatenate([np.arange(holders), np.arange(count - holders)])
    is_child = np.arange(count) >= holders
    sex = rng.choice(np.array(["H", "M"]), count)
    given = np.where(sex == "H", rng.choice(np.array(MEN), count), rng.choice(np.array(WOMEN), count))
    own_first, own_second = rng.choice(np.array(SURNAMES), count), rng.choice(np.array(SURNAMES), count)
    # A child has the holder's first surname.
    first = np.where(is_child, own_first[parent], own_first)
    second = np.where(~is_child & (rng.random(count) < 0.01), "", own_second)
    adult_days = rng.integers(0, 21_000, count)
    child_days = rng.integers(24_500, DAYS, count)
    birth = np.datetime64(f"{FIRST_YEAR}-01-01") + np.where(is_child, child_days, adult_days)
    town = rng.integers(0, len(TOWNS), count)[parent]
    curp = curps_of(given, first, second, birth, sex, STATES[town])
    town = np.where(parent == AT_FIRST_UNIT, 0, town)  # who was born elsewhere
    nss = np.where(is_child, "", _nss(np.arange(count), birth))
    shift = rng.choice(np.array(["M", "V"]), count)[parent]
    room = rng.integers(1, ROOMS + 1, count)[parent]
    zone = HOMES[np.arange(count) % len(HOMES)][parent]
    return Table(holders, curp, nss, given, first, second, birth, sex, town, zone, room, shift)


def _nss(serial: NDArray[np.int64], birth: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Sub-delegation, years of registration and birth, serial, Luhn's digit; unique by sub-delegation and serial."""
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    office, number = serial // 10_000 % 99 + 1, serial % 10_000
    registered = (year + 18 + serial // 990_000) % 100
    head = office * 10**8 + registered * 10**6 + (year % 100) * 10**4 + number
    digits = (head[:, None] // 10 ** np.arange(9, -1, -1)) % 10
    doubled = digits[:, 1::2] * 2
    total = digits[:, 0::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    return np.array([f"{value:011d}" for value in (head * 10 + (10 - total % 10) % 10).tolist()])


def _write_people(path: Path, table: Table) -> None:
    clues = [clues_of(position) for position in range(len(TOWNS))]
    codes = [[postal_code(town, zone) for zone in range(len(ZONES))] for town in range(len(TOWNS))]
    columns = zip(
        table.curp.tolist(), table.nss.tolist(), table.given.tolist(), table.first.tolist(), table.second.tolist(),
        np.datetime_as_string(table.birth.astype("datetime64[D]")).tolist(), table.sex.tolist(),
        table.town.tolist(), table.zone.tolist(), table.room.tolist(), table.shift.tolist(), strict=True,
    )  # fmt: skip
    names = "curp,nss,given_names,first_surname,second_surname,birth_on,sex,clues,room,shift,email,phone,postal_code"
    seen: set[str] = set()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names.split(","), "language"])
        rows = (
            [curp, nss, given, first, second, birth, sex, clues[town], room, shift, "", "", codes[town][zone], "es"]
            for curp, nss, given, first, second, birth, sex, town, zone, room, shift in columns
            if not (curp in seen or seen.add(curp))  # type: ignore[func-returns-value] # beyond ten alike: left out
        )
        while batch := list(islice(rows, BATCH)):
            writer.writerows(batch)


def _write_periods(path: Path, table: Table, rng: np.random.Generator) -> None:
    chance = rng.random(table.holders)
    start = np.datetime64("2005-01-01") + rng.integers(0, 7_000, table.holders)
    wage = rng.uniform(315, 1_800, table.holders).round(2)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["curp", "employer", "daily_wage", "starts_on", "ends_on"])
        for place in range(table.holders):
            if place >= len(CITIZENS) and chance[place] > WORKING_SHARE + ENDED_SHARE:
                continue
            ended = place >= len(CITIZENS) and chance[place] > WORKING_SHARE
            employer = f"EMPRESA DEMO {place % 500:03d}"
            last = "2024-12-31" if ended else ""
            writer.writerow([table.curp[place], employer, wage[place], str(start[place]), last])


def _write_dependants(path: Path, table: Table) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["holder_curp", "curp", "kinship", "starts_on", "ends_on"])
        for child in range(table.holders, len(table.curp)):
            writer.writerow([table.curp[child - table.holders], table.curp[child], "child", "2024-01-01", ""])


# The first people are the demonstration accounts and always have rights.
CITIZENS = (0, 1, 2)
AT_FIRST_UNIT = 1
"""Of these, who belongs to the first unit with their family: it is the one with waves, draws and a live day."""


PLAIN = str.maketrans("ÁÉÍÓÚÜÑáéíóúüñ", "AEIOUUXaeiouux")
RUDE = """
    BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO FALO FETO
    GETA GUEI GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO LILO
    LOCA LOCO LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO PENE
    PIPI PITO POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI
    WUEY
""".split()  # noqa: SIM905 # a list of a hundred strings reads worse


def curps_of(
    given: NDArray[np.str_],
    first: NDArray[np.str_],
    second: NDArray[np.str_],
    birth: NDArray[np.datetime64],
    sex: NDArray[np.str_],
    state: NDArray[np.str_],
) -> NDArray[np.str_]:
    """Build CURPs: initials, date, sex, state, consonants, homonym digit and check digit."""
    one, two, three = _letters(first), _letters(second), _letters(given)
    dates = np.datetime_as_string(birth.astype("datetime64[D]"), unit="D")
    digits = np.array([day[2:4] + day[5:7] + day[8:10] for day in dates.tolist()])
    base = _decent(np.char.add(np.char.add(one[0], one[1]), np.char.add(two[0], three[0])))
    for part in (digits, sex, state, one[2], two[2], three[2]):
        base = np.char.add(base, part)
    mark = _homonym_marks(base, birth)
    whole = np.char.add(base, mark)
    return np.char.add(whole, _check_digits(whole))


def _letters(names: NDArray[np.str_]) -> tuple[NDArray[np.str_], NDArray[np.str_], NDArray[np.str_]]:
    """For each name: its initial, its first inner vowel, its first inner consonant (X when there is none)."""
    known = {name: _letters_of(str(name)) for name in np.unique(names)}
    initial, vowel, consonant = (np.array([known[name][part] for name in names.tolist()]) for part in range(3))
    return initial, vowel, consonant


def _letters_of(name: str) -> tuple[str, str, str]:
    plain = name.translate(PLAIN).upper()
    if not plain:
        return "X", "X", "X"
    inner = plain[1:]
    vowel = next((c for c in inner if c in "AEIOU"), "X")
    consonant = next((c for c in inner if c not in "AEIOU" and c.isalpha()), "X")
    return plain[0], vowel, consonant


def _decent(beginnings: NDArray[np.str_]) -> NDArray[np.str_]:
    """Replace the second letter of offensive prefixes with an X."""
    mended = {word: word[0] + "X" + word[2:] for word in RUDE}
    return np.array([mended.get(word, word) for word in beginnings.tolist()])


def _homonym_marks(base: NDArray[np.str_], birth: NDArray[np.datetime64]) -> NDArray[np.str_]:
    """Assign homonym digits: numbers for births to 1999, letters from 2000 on; homonyms get consecutive ones."""
    order = np.argsort(base, kind="stable")
    sorted_base = base[order]
    starts = np.concatenate([[True], sorted_base[1:] != sorted_base[:-1]])
    begins = np.maximum.accumulate(np.where(starts, np.arange(len(base)), 0))
    rank = np.empty(len(base), dtype=np.int64)
    rank[order] = np.arange(len(base)) - begins
    rank %= 10
    is_old = birth < np.datetime64("2000-01-01")
    return np.where(is_old, np.array(list("0123456789"))[rank], np.array(list("ABCDEFGHIJ"))[rank])


def _check_digits(whole: NDArray[np.str_]) -> NDArray[np.str_]:
    values = {ord(letter): place for place, letter in enumerate(CURP_ALPHABET)}
    table = np.zeros(256, dtype=np.int64)
    for code, place in values.items():
        table[code] = place
    letters = whole.astype("U17").view(np.uint32).reshape(len(whole), 17)
    total = (table[letters] * np.arange(18, 1, -1)).sum(axis=1)
    found: NDArray[np.str_] = ((10 - total % 10) % 10).astype(str)
    return found
