"""Failures slow a guesser down and no one else: per account and source, never the owner's device, never for good."""

import asyncio
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from app.identity import devices
from app.identity.service import attempts, codes
from app.identity.service.attempts import ATTACK_LEVEL, CODES, MIN_FREE, SECOND_FACTOR, STAFF
from app.identity.service.codes import issue_desk_code
from app.kernel import clock, rate_limits
from app.kernel.actor import Anonymous, Channel, Role
from app.kernel.problems import TooManyRequests
from app.kernel.rate_limit_rules import Policy, level_at, parse_networks, wait_after
from app.kernel.rate_limits import known_networks
from app.kernel.settings import forget_settings
from tests.appointments import factories
from tests.conftest import Database
from tests.identity.sign_in import ask, challenge, create_person, prove, sent, wrong
from tests.identity.staff import code, enter, hire
from tests.requests import actors

STRANGER, OWNER, THIRD = "198.51.100.7", "203.0.113.9", "192.0.2.44"
CURPS = [actors.curp(date(1990, 5, 17)) for _ in range(400)]


@pytest.fixture
def frozen() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


def at(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A program or browser at this address."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


async def test_sixty_one_right_people_pass_behind_one_address(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    ana = await create_person(db)
    async with at(app, OWNER) as clinic:
        for _ in range(61):
            challenge_id = await challenge(clinic, ana.curp)
            assert (await prove(clinic, challenge_id, (await sent(db, challenge_id)).code)).status_code == 200
        # And all of them ask before the first types a code.
        answers = [await ask(clinic, curp) for curp in CURPS[:61]]
        assert {answer.status_code for answer in answers} == {202}


async def test_requests_with_a_curp_do_not_lock_its_owner_out(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    ana = await create_person(db)
    async with at(app, STRANGER) as stranger, at(app, OWNER) as owner:
        statuses = [(await ask(stranger, ana.curp)).status_code for _ in range(100)]
        assert statuses.count(202) == CODES.pair.free + 1
        challenge_id = await challenge(owner, ana.curp)
        assert (await prove(owner, challenge_id, (await sent(db, challenge_id)).code)).status_code == 200
        # The stranger is slowed down, not shut out.
        refused = await ask(stranger, ana.curp)
        frozen.shift(int(refused.headers["retry-after"]))
        assert (await ask(stranger, ana.curp)).status_code == 202


async def test_wrong_tries_of_strangers_do_not_burn_a_desk_code(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    ana = await create_person(db, has_account=False)
    async with db.transaction() as session:
        given = await issue_desk_code(session, factories.staff(Role.RECEPTIONIST), person_id=ana.id, curp=ana.curp)
    async with at(app, STRANGER) as stranger, at(app, OWNER) as owner:
        for _ in range(4):
            theirs = await challenge(stranger, ana.curp)
            for _ in range(codes.MAX_ATTEMPTS + 1):
                await prove(stranger, theirs, wrong(given))
                frozen.shift(900)
        mine = await challenge(owner, ana.curp)
        for _ in range(codes.MAX_ATTEMPTS):
            assert (await prove(owner, mine, wrong(given))).status_code == 422
        assert (await prove(owner, mine, given)).status_code == 200


async def test_eight_wrong_tries_keep_no_member_of_staff_out(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    await hire(db)
    async with at(app, STRANGER) as stranger, at(app, OWNER) as owner:
        for _ in range(8):
            assert (await enter(stranger, password="another long phrase")).status_code == 401
        assert (await enter(stranger)).status_code == 200
        for _ in range(50):
            await enter(stranger, password="another long phrase")
        assert (await enter(stranger, otp=code(ahead=30))).status_code == 429
        frozen.shift(30)
        assert (await enter(owner)).status_code == 200


async def test_waits_grow_and_end(app: FastAPI, db: Database, frozen: time_machine.Traveller) -> None:
    await hire(db)
    waits = []
    async with at(app, STRANGER) as stranger:
        for _ in range(STAFF.pair.free + 12):
            answer = await enter(stranger, password="another long phrase")
            if answer.status_code == 429:
                waits.append(int(answer.headers["retry-after"]))
                frozen.shift(waits[-1])
    assert waits[:5] == [2, 4, 8, 16, 32]
    assert max(waits) <= STAFF.pair.longest_wait
    frozen.shift(STAFF.pair.leak * 30)
    async with at(app, STRANGER) as stranger:
        assert (await enter(stranger)).status_code == 200


async def test_tries_at_once_do_not_slip_through(app: FastAPI, db: Database, frozen: time_machine.Traveller) -> None:
    await hire(db)
    async with at(app, STRANGER) as stranger:
        answers = await asyncio.gather(*[enter(stranger, password="another long phrase") for _ in range(40)])
    assert [answer.status_code for answer in answers].count(401) == STAFF.pair.free + 1


async def test_an_ipv6_subnet_is_one_source(app: FastAPI, db: Database, frozen: time_machine.Traveller) -> None:
    await hire(db)
    statuses = []
    for n in range(STAFF.pair.free + 4):
        async with at(app, f"2001:db8:5:6::{n:x}") as stranger:
            statuses.append((await enter(stranger, password="another long phrase")).status_code)
    assert statuses.count(429) == 3
    async with at(app, "2001:db8:5:7::1") as neighbour:
        assert (await enter(neighbour)).status_code == 200


async def test_a_botnet_shortens_what_unknown_sources_may_try_and_never_shuts_the_owner_out(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    ana = await create_person(db)
    for n in range(120):
        bot = Anonymous(Channel.API, f"198.51.{n}.1")
        await attempts.count_attempt(CODES, bot, ana.curp)
    assert attempts.allowance(CODES.pair.free, await rate_limits.level_of(CODES.account, ana.curp)) == MIN_FREE
    async with at(app, OWNER) as owner:  # from a telephone never seen before
        challenge_id = await challenge(owner, ana.curp)
        proof = (await sent(db, challenge_id)).code
        assert len(proof) == codes.MORE_DIGITS
        assert (await prove(owner, challenge_id, proof)).status_code == 200
        # What is left is one more wrong try, then waits.
        second = await challenge(owner, ana.curp)
        assert (await prove(owner, second, wrong(proof))).status_code == 422
        third = [(await prove(owner, second, wrong(proof))).status_code for _ in range(3)]
        assert third == [422, 429, 429]


async def test_the_owner_s_own_device_is_counted_by_itself(db: Database, frozen: time_machine.Traveller) -> None:
    await create_person(db)
    curp = "NUPA900517MDFXXN07"
    cookie = devices.add_account("", curp)
    stranger, owner = Anonymous(address=STRANGER), Anonymous(address=STRANGER, known_device=cookie)
    for person in CURPS[:300]:  # the whole source is slowed down
        try:
            await attempts.count_attempt(CODES, stranger, person)
        except TooManyRequests:
            break
    else:
        pytest.fail("a source may try no end of people")
    for _ in range(2 * ATTACK_LEVEL):
        try:
            await attempts.count_attempt(CODES, stranger, curp)
        except TooManyRequests:
            break
    for _ in range(CODES.pair.free):
        await attempts.count_attempt(CODES, owner, curp)
    with pytest.raises(TooManyRequests):
        await attempts.count_attempt(CODES, owner, CURPS[0])  # a device is known to its own accounts only


async def test_who_knows_the_password_alone_guesses_slowly_and_learns_nothing(
    app: FastAPI, db: Database, frozen: time_machine.Traveller
) -> None:
    await hire(db)
    bad = wrong(code())
    for n in range(SECOND_FACTOR.free + 1):
        async with at(app, f"198.51.100.{n}") as thief:
            assert (await enter(thief, otp=bad)).status_code == 401
    async with at(app, THIRD) as thief:
        assert (await enter(thief)).status_code == 401  # right by chance, but not judged now
    known = devices.add_account("", "staff rosa")
    async with at(app, OWNER) as owner:
        owner.cookies.set("ventanilla_device", known)
        page = await owner.post(
            "/ventanilla/entrar", data={"username": "rosa", "password": "una frase bastante larga", "code": code()}
        )
        assert page.status_code == 303
    frozen.shift(SECOND_FACTOR.longest_wait)
    async with at(app, THIRD) as thief:
        assert (await enter(thief)).status_code == 200


async def test_signing_in_to_one_s_own_account_forgives_nothing_tried_on_others(
    db: Database, frozen: time_machine.Traveller
) -> None:
    guesser = Anonymous(address=STRANGER)
    for person in CURPS[:50]:
        await attempts.count_attempt(CODES, guesser, person)
    own = await attempts.count_attempt(CODES, guesser, "MINE")
    await attempts.clear_failures(own)
    assert await rate_limits.level_of(CODES.source, STRANGER) == 50


async def test_a_known_network_has_an_allowance_for_all_its_people(
    db: Database, frozen: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENTANILLA_KNOWN_NETWORKS", "198.51.100.0/24=3")
    forget_settings()
    try:
        assert known_networks() == parse_networks("198.51.100.0/24=3")
        counts = {}
        for address in (STRANGER, OWNER):
            counts[address] = 0
            for person in CURPS:
                try:
                    await attempts.count_attempt(CODES, Anonymous(address=address), person)
                except TooManyRequests:
                    break
                counts[address] += 1
        assert counts == {STRANGER: 3 * CODES.source.free + 1, OWNER: CODES.source.free + 1}
    finally:
        monkeypatch.undo()
        forget_settings()


async def test_counters_go_when_they_have_nothing_left_to_say(db: Database, frozen: time_machine.Traveller) -> None:
    await attempts.count_attempt(CODES, Anonymous(address=STRANGER), CURPS[0])
    frozen.shift(CODES.pair.leak + CODES.pair.longest_wait + 1)
    await rate_limits.delete_expired(clock.now())
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM failure_counter")) == 0


@pytest.mark.parametrize(
    ("cookie", "known"),
    [
        ("", False),
        ("a.b", False),
        ("a" * 900, False),
        (devices.add_account("", "other"), False),
        ("\u00e9.\u00e9", False),
    ],
    ids=["none", "short", "long", "of another person", "not ASCII"],
)
def test_only_our_own_cookie_makes_a_device_known(cookie: str, known: bool) -> None:
    assert devices.is_known(cookie, "me") is known
    again = devices.add_account(devices.add_account(cookie, "me"), "you")
    assert devices.is_known(again, "me")
    assert devices.is_known(again, "you")
    assert not devices.is_known(again, "another")
    assert len(devices.add_account(again, "me")) == len(again)


def patient(policy: Policy, free: float, seconds: float) -> int:
    """How many tries a source has in some seconds that fails each time and comes again as soon as it may."""
    moment = at = level = 0.0
    tries = 0
    while moment <= seconds:
        level, at, tries = level_at(policy, level, moment - at) + 1, moment, tries + 1
        moment += wait_after(policy, level, free)
    return tries


@pytest.mark.parametrize(
    ("policy", "free", "hour", "day"),
    [
        (CODES.pair, CODES.pair.free, 25, 163),
        (CODES.pair, MIN_FREE, 15, 153),
        (STAFF.pair, MIN_FREE, 22, 297),
        (SECOND_FACTOR, SECOND_FACTOR.free, 19, 111),
    ],
)
def test_a_guesser_has_the_tries_that_the_decision_counts_with(
    policy: Policy, free: float, hour: int, day: int
) -> None:
    assert (patient(policy, free, 3_600), patient(policy, free, 86_400)) == (hour, day)
