"""How long after how many failures, what one source is, and how a wait is said."""

import ipaddress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.identity import devices
from app.kernel import rate_limits
from app.kernel.i18n import use_language
from app.kernel.problems import TooManyRequests, wait_in_words
from app.kernel.rate_limit_rules import Policy, level_at, parse_networks, source_of, wait_after
from app.kernel.rate_limits import Counter
from app.main import create_app
from app.settings import PortalSettings
from tests.conftest import Database

POLICY = Policy("test", free=3, first_wait=2, longest_wait=60, leak=10)


@given(st.floats(0, 200), st.floats(0, 200))
def test_waits_grow_with_failures_and_never_beyond_the_longest(one: float, other: float) -> None:
    fewer, more = sorted((one, other))
    assert 0 <= wait_after(POLICY, fewer) <= wait_after(POLICY, more) <= POLICY.longest_wait
    assert wait_after(POLICY, min(fewer, POLICY.free)) == 0


@given(st.floats(0, 200), st.floats(0, 10_000), st.floats(0, 10_000))
def test_calm_forgets_failures_at_the_same_pace_however_it_is_cut(level: float, first: float, second: float) -> None:
    at_once = level_at(POLICY, level, first + second)
    assert level_at(POLICY, level_at(POLICY, level, first), second) == pytest.approx(at_once, abs=1e-6)
    assert 0 <= at_once <= level


@given(st.ip_addresses(v=6))
def test_addresses_of_one_subnet_are_one_source_and_those_of_the_next_another(address: object) -> None:
    number = int(address)  # type: ignore[call-overload] # an IPv6Address
    if number >> 32 == 0xFFFF:
        return
    mate = ipaddress.IPv6Address(number ^ 1)
    other = ipaddress.IPv6Address(number ^ (1 << 64))
    assert source_of(str(address)) == source_of(str(mate)) != source_of(str(other))


def test_one_address_is_one_source_however_it_is_written() -> None:
    assert source_of("::ffff:203.0.113.9") == source_of("203.0.113.9")
    assert source_of("2001:DB8::1%eth0") == source_of("2001:db8:0:0::2")
    assert source_of("unix:") != source_of("203.0.113.9")


def test_known_networks_say_how_many_people_share_an_address() -> None:
    known = parse_networks(" 10.0.0.0/8=20, 10.1.0.0/16=200,2001:db8::/32=7, ")
    assert source_of("10.2.0.1", known).people == 20
    assert source_of("10.1.0.1", known).people == 200
    assert source_of("::ffff:10.1.0.1", known).people == 200
    assert source_of("2001:db8::9", known).people == 7
    assert source_of("192.0.2.1", known).people == 1
    assert parse_networks("") == ()


@pytest.mark.parametrize("wrong", ["10.0.0.0/8", "10.0.0.0/99=3", "clinic=3", "10.0.0.0/8=0", "10.0.0.0/8=²", "a"])
def test_a_network_that_cannot_be_read_is_said_in_a_sentence(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"187\.141\.0\.0/16=200"):
        parse_networks(wrong)


@pytest.mark.parametrize(
    ("seconds", "spanish", "english"),
    [
        (2, "unos segundos", "a few seconds"),
        (16, "un minuto", "a minute"),
        (60, "un minuto", "a minute"),
        (61, "unos 2 minutos", "about 2 minutes"),
        (900, "unos 15 minutos", "about 15 minutes"),
        (3_600, "una hora", "an hour"),
        (2_971, "unos 50 minutos", "about 50 minutes"),
        (3_601, "unas 2 horas", "about 2 hours"),
    ],
)
def test_waits_are_said_in_words(seconds: int, spanish: str, english: str) -> None:
    assert wait_in_words(seconds) == spanish
    assert TooManyRequests(retry_after=seconds).advice() == f"Espere {spanish} e inténtelo otra vez."
    with use_language("en"):
        assert TooManyRequests(retry_after=seconds).advice() == f"Wait {english} and try again."


async def test_the_statement_waits_as_the_rule_says(db: Database) -> None:
    counter = Counter(POLICY, "key")
    for level in (2.0, 3.0, 3.2, 4.0, 5.5, 9.0, 199.0):
        wait = wait_after(POLICY, level)
        for elapsed, admitted in ((max(0.0, wait - 0.5), wait == 0), (wait + 0.5, True)):
            async with db.transaction() as session:
                await session.execute(text("DELETE FROM failure_counter"))
                await session.execute(
                    text(
                        "INSERT INTO failure_counter VALUES"
                        " ('test', sha256('key'), :level, now() - make_interval(secs => :elapsed), now())"
                    ),
                    {"level": level, "elapsed": elapsed},
                )
            try:
                await rate_limits.count_attempt([counter])
                was = True
            except TooManyRequests:
                was = False
            assert was is admitted, (level, elapsed)


async def test_when_one_of_several_must_wait_nothing_is_counted(db: Database) -> None:
    full, empty = Counter(POLICY, "full"), Counter(POLICY, "empty")
    for _ in range(POLICY.free + 1):
        await rate_limits.count_attempt([full])
    with pytest.raises(TooManyRequests):
        await rate_limits.count_attempt([empty, full])
    assert await rate_limits.level_of(POLICY, "empty") == 0


async def test_a_flood_from_behind_an_address_does_not_stop_a_known_caller(db: Database) -> None:
    app = create_app(PortalSettings(environment="test", request_limit_per_minute=5, known_networks="198.51.100.0/24=3"))
    for address, allowed in (("192.0.2.1", 5), ("198.51.100.1", 15)):
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            statuses = [(await client.get("/ayuda")).status_code for _ in range(allowed + 2)]
            assert statuses.count(429) == 2
            client.cookies.set("ventanilla_device", devices.add_account("", "me"))
            assert (await client.get("/ayuda")).status_code == 200
            client.cookies.set("ventanilla_device", "forged.forged.forged")
            assert (await client.get("/ayuda")).status_code == 429
