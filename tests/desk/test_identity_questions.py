"""The questions by which staff check who a person is: which are asked, what is right, and how many must be."""

from hypothesis import given
from hypothesis import strategies as st

from app.desk.rules.assistance import IdentityCheck, assurance_of, checks_on, raised
from app.desk.rules.identity_questions import (
    ASKED,
    NEEDED,
    KnownAnswers,
    Question,
    are_enough,
    are_whole,
    choose_questions,
    count_right,
    is_right,
)
from app.kernel.actor import Assurance, Channel

KNOWN = KnownAnswers(
    {
        Question.BIRTH: "1990-05-17",
        Question.NSS_END: "0427",
        Question.POSTAL_CODE: "68000",
        Question.ROOM: "3",
        Question.EMPLOYER: "Hilados y Tejidos del Valle, S.A. de C.V.",
    }
)
subsets = st.sets(st.sampled_from(list(Question))).map(sorted)


@given(subsets, st.integers(0, 2**128))
def test_the_questions_are_some_of_what_is_known_with_the_birth_date(known: list[Question], seed: int) -> None:
    asked = choose_questions(known, seed)
    assert set(asked) <= set(known)
    assert len(asked) == len(set(asked)) <= ASKED
    can_ask = Question.BIRTH in known and len(known) >= NEEDED
    assert bool(asked) == can_ask
    if can_ask:
        assert Question.BIRTH in asked
        assert len(asked) == min(ASKED, len(known))
    assert choose_questions(known, seed) == asked


def test_another_assistance_may_ask_other_questions() -> None:
    assert len({tuple(choose_questions(list(Question), seed)) for seed in range(8)}) == len(Question) - 1


@given(st.sets(st.sampled_from(list(Question))), st.integers(0, 2**64))
def test_three_right_answers_are_needed_whichever_they_are(right: set[Question], seed: int) -> None:
    asked = choose_questions(KNOWN.known, seed)
    said = {one: KNOWN.right[one] if one in right else "nada" for one in asked}
    assert count_right(asked, KNOWN, said) == len(right & set(asked))
    assert are_enough(asked, KNOWN, said) == (len(right & set(asked)) >= NEEDED)


@given(st.text(max_size=20))
def test_what_the_registry_lacks_is_never_right(said: str) -> None:
    assert not any(is_right(question, "", said) for question in Question)
    assert not any(is_right(question, KNOWN.right[question], " ") for question in Question)


def test_answers_are_compared_without_spaces_case_and_accents() -> None:
    assert is_right(Question.POSTAL_CODE, "68000", " 68 000 ")
    assert is_right(Question.EMPLOYER, "Panadería Ñandú", "PANADERIA")
    assert not is_right(Question.POSTAL_CODE, "68000", "6800")
    assert not is_right(Question.NSS_END, "0427", "427")


def test_an_employer_is_named_by_a_long_word_of_its_name_and_by_no_other() -> None:
    employer = KNOWN.right[Question.EMPLOYER]
    assert is_right(Question.EMPLOYER, employer, "tejidos del valle")
    for said in ("de", "S.A. de C.V.", "tejidos azules", "teji"):
        assert not is_right(Question.EMPLOYER, employer, said), said


def test_a_document_is_seen_at_the_counter_only_and_questions_prove_less() -> None:
    assert IdentityCheck.DOCUMENT in checks_on(Channel.DESK)
    assert IdentityCheck.DOCUMENT not in checks_on(Channel.PHONE)
    assert [one for one in IdentityCheck if assurance_of(one) is Assurance.LOW] == [IdentityCheck.QUESTIONS]


@given(st.lists(st.sampled_from(list(IdentityCheck)), min_size=1))
def test_the_level_never_falls(checks: list[IdentityCheck]) -> None:
    level: Assurance | None = None
    for one in checks:
        level = raised(level, one)
    is_full = any(one is not IdentityCheck.QUESTIONS for one in checks)
    assert level is (Assurance.FULL if is_full else Assurance.LOW)


@given(subsets, subsets, st.integers(min_value=0))
def test_fewer_answers_than_are_needed_are_no_attempt(known: list[Question], said: list[Question], seed: int) -> None:
    asked = choose_questions(known, seed)
    answers = dict.fromkeys(said, "x") | {question: " " for question in Question if question not in said}
    assert are_whole(asked, answers) == (len(set(asked) & set(said)) >= NEEDED)
    assert not are_whole(asked, {})
