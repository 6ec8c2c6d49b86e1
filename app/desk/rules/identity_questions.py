"""The questions by which staff check on the telephone whom they speak to: which are asked, which answers are right, and
how many must be. Pure.

Another person may know all of it (it is on a payslip or a card), so that right answers give the low level
of assurance only, as does entering data that the registry has. The right answers are shown to no one.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.i18n import N_

NEEDED = 3
"""Right answers that are needed, and questions that the registry must know to ask any."""
ASKED = 4
MAX_ATTEMPTS = 3
"""Lists of answers that one assistance may try."""
TOO_FEW = N_("Escriba al menos tres respuestas.")
LONG_WORD = 4
"""Letters of a word that is enough to name an employer by: «de», «S.A.» and such aren't."""


class Question(StrEnum):
    """What may be asked."""

    BIRTH = "birth"
    NSS_END = "nss-end"
    POSTAL_CODE = "postal-code"
    ROOM = "room"
    EMPLOYER = "employer"


@dataclass(frozen=True, slots=True)
class KnownAnswers:
    """What the registry has of a person, as texts; empty where it has nothing."""

    right: Mapping[Question, str]

    @property
    def known(self) -> list[Question]:
        return [question for question in Question if self.right.get(question)]


def choose_questions(known: Sequence[Question], seed: int) -> list[Question]:
    """The questions of one assistance, the date of birth always among them: at most `ASKED`, chosen by its `seed` so
    that they aren't the same every time and don't change while it goes on. None where the registry knows too little."""
    if len(known) < NEEDED or Question.BIRTH not in known:
        return []
    others = [question for question in known if question is not Question.BIRTH]
    left_out = seed % len(others) if len(known) > ASKED else None
    return [Question.BIRTH, *(question for number, question in enumerate(others) if number != left_out)]


def are_whole(asked: Sequence[Question], said: Mapping[Question, str]) -> bool:
    """Whether as many of the questions were answered as are needed; else it is no attempt."""
    return sum(bool(said.get(question, "").strip()) for question in asked) >= NEEDED


def count_right(asked: Sequence[Question], known: KnownAnswers, said: Mapping[Question, str]) -> int:
    """How many of the answers are right."""
    return sum(is_right(question, known.right.get(question, ""), said.get(question, "")) for question in asked)


def are_enough(asked: Sequence[Question], known: KnownAnswers, said: Mapping[Question, str]) -> bool:
    """Whether the answers are enough to believe who the person is."""
    return count_right(asked, known, said) >= NEEDED


def is_right(question: Question, right: str, said: str) -> bool:
    """Whether an answer is right: an employer by one long word of its name and no other, anything else to the letter,
    without spaces, case and accents."""
    if not right or not said.strip():
        return False
    if question is not Question.EMPLOYER:
        return _plain(right).replace(" ", "") == _plain(said).replace(" ", "")
    words, given = set(_plain(right).split()), set(_plain(said).split())
    return given <= words and any(len(word) >= LONG_WORD for word in given)


def _plain(text: str) -> str:
    """Small letters and digits without accents; anything else is a space."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = (one for one in folded if not unicodedata.combining(one))
    return " ".join("".join(one if one.isalnum() else " " for one in letters).split())
