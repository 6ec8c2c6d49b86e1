"""Staff come in with a password and an authenticator's code, each once; roles and units bound what they may."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
import zxcvbn.feedback
from sqlalchemy import text

from app.identity.passwords import WARNINGS, require_strong, weaknesses
from app.identity.problems import UsernameTaken
from app.identity.service.staff import STEP_SECONDS, add_staff
from app.identity.service.staff_accounts import staff_by_username
from app.identity.service.staff_setup import reset_credentials
from app.kernel.actor import Role, System
from app.kernel.problems import Invalid
from tests.conftest import Database
from tests.identity.sign_in import bearer, create_person, keyed
from tests.identity.staff import PASSWORD, SECRET, code, enter, hire
from tests.waiting import until_a_session_waits


async def test_the_three_together_let_in(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db)
    assert (await enter(client)).status_code == 200


async def test_whichever_is_wrong_the_answer_is_the_same(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db)
    right = code()
    answers = [
        await enter(client, username="nadie"),
        await enter(client, password="another long phrase"),
        await enter(client, otp=f"{(int(right) + 1) % 1_000_000:06d}"),
    ]
    bodies = [{k: v for k, v in answer.json().items() if k != "reference"} for answer in answers]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert bodies[0] == bodies[1] == bodies[2]
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM event WHERE type = 'identity.refused'")) == 3


async def test_an_authenticator_s_code_serves_once_even_at_once(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db)
    otp = code()
    answers = await asyncio.gather(*[enter(client, otp=otp) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_clock_a_little_off_is_forgiven_and_no_older_code_after(
    client: httpx.AsyncClient, db: Database
) -> None:
    await hire(db)
    assert (await enter(client, otp=code(ahead=STEP_SECONDS))).status_code == 200
    assert (await enter(client, otp=code())).status_code == 401
    assert (await enter(client, otp=code(ahead=-10 * STEP_SECONDS))).status_code == 401


async def test_who_is_no_longer_active_is_out_at_once(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db, role=Role.ADMIN)
    token = (await enter(client)).json()["access_token"]
    where = "/api/v1/messages/dead-letters"
    assert (await client.get(where, headers=bearer(token))).status_code == 200
    async with db.transaction() as session:
        await session.execute(text("UPDATE staff SET is_active = false"))
    assert (await client.get(where, headers=bearer(token))).status_code == 401
    assert (await enter(client, otp=code(ahead=STEP_SECONDS))).status_code == 401


async def test_a_password_that_is_reset_at_that_moment_lets_no_one_in(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db)
    async with db.transaction() as session:
        rosa = (await staff_by_username(session, "rosa")).id
    async with db.transaction() as session:
        await reset_credentials(session, System("test"), rosa, key="reset", password=True)
        entering = asyncio.create_task(enter(client))
        await until_a_session_waits(db)  # it read the old password
    assert (await entering).status_code == 401


async def test_a_receptionist_gives_codes_only_at_their_units(client: httpx.AsyncClient, db: Database) -> None:
    ana = await create_person(db, has_account=False)
    assert ana.unit_id is not None
    await hire(db, units=[ana.unit_id])
    await hire(db, units=[], username="elsewhere")
    await hire(db, role=Role.ANALYST, username="analyst")
    answers = {}
    for username in ("rosa", "elsewhere", "analyst"):
        token = (await enter(client, username=username)).json()["access_token"]
        given = await client.post("/api/v1/staff/desk-codes", json={"curp": ana.curp}, headers=keyed(token))
        answers[username] = given.status_code
    assert answers == {"rosa": 201, "elsewhere": 404, "analyst": 403}


async def test_a_short_password_and_a_taken_name_are_refused(db: Database) -> None:
    await hire(db)
    with pytest.raises(UsernameTaken):
        await hire(db)
    async with db.transaction() as session:
        with pytest.raises(Invalid):
            await add_staff(
                session,
                System("test"),
                username="luis",
                full_name="Luis",
                password="short",
                role=Role.OFFICER,
                unit_ids=None,
            )


async def test_passwords_and_secrets_are_not_readable_in_the_database(db: Database) -> None:
    await hire(db)
    async with db.transaction() as session:
        stored = await session.scalar(text("SELECT staff::text FROM staff"))
    assert "argon2id" in stored
    assert PASSWORD not in stored
    assert SECRET not in stored
    assert SECRET.encode().hex() not in stored


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("short", "12"),
        ("x" * 201, "200"),
        ("aaaaaaaaaaaaaaaa", "repeticiones"),
        ("qwertyuiop12", "muy usada"),
        ("contraseña123", "fácil de adivinar"),
        ("Ventanilla2026", "fácil de adivinar"),
        ("demostracion-2026", "fácil de adivinar"),
        ("rosadíaz2026", "adivinar"),
        ("rosarosarosa", "adivinar"),
        ("Guadalupe1990", "adivinar"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_with_the_reason(password: str, because: str) -> None:
    with pytest.raises(Invalid) as refused:
        require_strong(password, ("rosa", "Rosa Díaz"))
    said = " ".join(error.message for error in refused.value.fields)
    assert because in said
    assert {error.field for error in refused.value.fields} == {"password"}


@pytest.mark.parametrize(
    "password", [PASSWORD, "tres tristes tigres comen", "x9#kP2$mQz7!w", "ñandú-azul-lento-mar " * 9]
)
def test_a_long_one_of_unrelated_words_is_fine(password: str) -> None:
    assert weaknesses(password, ("rosa", "Rosa Díaz")) == []
    require_strong(password, ("rosa", "Rosa Díaz"))


def test_every_warning_of_the_library_has_its_spanish() -> None:
    source = Path(zxcvbn.feedback.__file__).read_text()
    warnings = re.findall(r"""warning(?:' *:| *=) *_\((['"])(.+?)\1 *\\?\s*(?:(['"])(.+?)\3)?\)""", source)
    texts = {first + (second or "") for _q, first, _p, second in warnings}
    assert len(texts) >= 12
    assert texts - set(WARNINGS) == set()


async def test_with_another_secret_key_sign_in_says_what_to_do(client: httpx.AsyncClient, db: Database) -> None:
    await hire(db)
    async with db.transaction() as session:
        await session.execute(text("UPDATE staff SET totp_secret_encrypted = 'sealed with another key'"))
    refused = await enter(client)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/authenticator-unreadable")
    # Only who knows the password is shown it.
    assert (await enter(client, password="another long phrase")).json()["type"] == "/problems/wrong-credentials"
