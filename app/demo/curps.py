"""CURPs by the published construction.

Instructivo Normativo para la Asignación de la Clave Única de Registro de Población (DOF 2021-10-18): letters of the
names, date, sex, state, inner consonants, a homonym digit, check digit. Its annex 2 lists offensive prefixes, whose
second letter becomes an X.
"""

import numpy as np
from numpy.typing import NDArray

from app.registry.importers.checks import CURP_ALPHABET

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
