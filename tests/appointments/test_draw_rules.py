"""The drawn order follows from the published seed and codes alone, and anyone can compute it."""

import hashlib
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.appointments.draw import (
    DrawResult,
    DrawStatus,
    Facts,
    digest_of,
    new_seed,
    next_draw_step,
    order_of,
    result_of,
)
from app.appointments.wait_list import EVERY_DAY, Ask, FreedTime, Release, Wait, Waiting, Wish
from tests.examples import examples

DOCS = Path(__file__).parents[2] / "docs/fair-release.md"
CODES = st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=30)


@given(st.binary(min_size=32, max_size=32), CODES, st.randoms(use_true_random=False))
@examples(40)
def test_the_order_is_of_all_codes_whatever_order_they_come_in(
    seed: bytes, codes: list[str], chance: random.Random
) -> None:
    order = order_of(seed, codes)
    assert sorted(order) == sorted(codes)
    chance.shuffle(codes)
    assert order_of(seed, codes) == order
    digests = [hashlib.sha256(seed + code.encode()).hexdigest() for code in order]
    assert digests == sorted(digests)


@given(st.binary(min_size=32, max_size=32), CODES)
@examples(40)
def test_who_leaves_changes_no_one_s_order(seed: bytes, codes: list[str]) -> None:
    order = order_of(seed, codes)
    for gone in codes[:3]:
        assert order_of(seed, [one for one in codes if one != gone]) == [one for one in order if one != gone]


def test_the_three_lines_of_the_docs_give_the_order() -> None:
    seed, codes = new_seed(), [f"S-{number:05d}" for number in range(50)]
    order: list[dict[str, Any]] = [
        {"code": code, "position": place} for place, code in enumerate(order_of(seed, codes), start=1)
    ]
    published = {"seed": seed.hex(), "seed_digest": digest_of(seed), "registrations": order}
    (lines,) = re.findall(r"<!-- verify -->\n```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(lines.strip().splitlines()) <= 5
    exec(lines, {"draw": published})  # the code that the page shows
    order[0]["position"], order[1]["position"] = order[1]["position"], order[0]["position"]
    try:
        exec(lines, {"draw": published})  # the code that the page shows
    except AssertionError:
        return
    raise AssertionError("another order was taken for the drawn one")


NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
ZONE = "America/Mexico_City"
TIME = FreedTime(NOW + timedelta(days=5), (NOW + timedelta(days=5)).date(), "M", 1)


def waiting(number: int, has: datetime | None = None) -> Waiting:
    return Waiting(
        UUID(int=number),
        UUID(int=1000 + number),
        Wish(EVERY_DAY, notice=timedelta(hours=2)),
        NOW,
        has,
        place=number,
        of=9,
    )


@given(st.permutations(range(1, 8)), st.integers(0, 72), st.integers(0, 72))
@examples(40)
def test_they_are_asked_in_the_drawn_order_by_day_until_it_is_the_public_s(
    order: list[int], hours: int, public_hours: int
) -> None:
    entries = [waiting(number) for number in order]
    now, public_at = NOW + timedelta(hours=hours), NOW + timedelta(hours=public_hours)
    step = next_draw_step(entries, TIME, now, ZONE, public_at)
    if now >= public_at:
        assert step == Release()
    elif isinstance(step, Ask):
        assert step.order == entries
        assert 8 <= (now - timedelta(hours=6)).hour < 21
    else:
        assert isinstance(step, Wait)
        assert now < step.until <= public_at


def test_who_has_an_earlier_appointment_is_passed_over() -> None:
    entries = [
        waiting(1, TIME.start_at - timedelta(hours=1)),
        waiting(2, TIME.start_at + timedelta(hours=1)),
        waiting(3),
    ]
    step = next_draw_step(entries, TIME, NOW, ZONE, NOW + timedelta(days=2))
    assert isinstance(step, Ask)
    assert [one.place for one in step.order] == [2, 3]


def test_what_became_of_a_registration() -> None:
    def found(status: DrawStatus, **given: object) -> DrawResult:
        facts = {"is_cancelled": False, "end_reason": None, "is_offered": False} | given
        return result_of(Facts(status, **facts))  # type: ignore[arg-type] # a table of cases

    assert found(DrawStatus.OPEN) == DrawResult.REGISTERED
    assert found(DrawStatus.OPEN, is_cancelled=True) == DrawResult.CANCELLED
    assert found(DrawStatus.DRAWN) == DrawResult.WAITING
    assert found(DrawStatus.DRAWN, is_offered=True) == DrawResult.OFFERED
    assert found(DrawStatus.DRAWN, end_reason="accepted") == DrawResult.ACCEPTED
    assert found(DrawStatus.ENDED, end_reason="draw-over") == DrawResult.PASSED
    assert found(DrawStatus.ENDED) == DrawResult.WITHOUT
