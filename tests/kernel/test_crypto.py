"""A secret key is replaced without ending what the old one made."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import LargeBinary

from app.identity import devices, tokens
from app.identity.service import account_freeze
from app.kernel import crypto, ids, key_rotation
from app.kernel.db import Base
from app.kernel.settings import Settings, forget_settings

OLD, NEW, OTHER = "o" * 40, "n" * 40, "x" * 40
CACHED = (crypto.derive_keys, crypto._fernets, tokens._keys, tokens._verified)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def use(newest: str, *older: str) -> None:
        monkeypatch.setenv("VENTANILLA_SECRET_KEY", newest)
        monkeypatch.setenv("VENTANILLA_SECRET_KEY_FALLBACKS", ", ".join(older))
        forget_settings()
        for cached in CACHED:
            cached.cache_clear()

    yield use
    monkeypatch.undo()
    forget_settings()
    for cached in CACHED:
        cached.cache_clear()


def test_what_an_older_key_made_is_read_and_what_is_new_needs_the_newest(keys) -> None:  # type: ignore[no-untyped-def]
    keys(OLD)
    fresh: bytes | None = None
    encrypted, digest, event = crypto.encrypt("p", "secreto"), crypto.hmac_digest("p", "1234"), ids.new_id()
    link, cookie, subject = account_freeze.sign_report_link(event), devices.add_account("", "ana"), ids.new_id()
    token, _seconds = tokens.issue_access_token(tokens.CITIZEN, subject)
    for made in ((NEW, OLD), (OTHER, NEW, OLD)):
        keys(*made)
        assert crypto.decrypt("p", encrypted) == "secreto"
        assert crypto.verify_hmac_digest("p", "1234", digest)
        assert not crypto.verify_hmac_digest("p", "1235", digest)
        assert not crypto.verify_hmac_digest("p", "1234", digest[:4])
        assert account_freeze._parse_report_link(link) == event
        assert devices.is_known(cookie, "ana")
        assert devices.device_id(devices.add_account(cookie, "luis"))
        assert tokens.read_access_token(token).subject_id == subject
        fresh = crypto.reencrypt("p", encrypted)
        assert fresh is not None
        assert crypto.reencrypt("p", fresh) is None
    keys(OTHER)
    assert fresh is not None
    assert crypto.decrypt("p", fresh) == "secreto"
    with pytest.raises(ValueError, match="another key"):
        crypto.decrypt("p", encrypted)
    assert not crypto.verify_hmac_digest("p", "1234", digest)
    assert not devices.is_known(cookie, "ana")


def test_a_data_folder_s_file_may_hold_older_keys_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VENTANILLA_SECRET_KEY")
    (tmp_path / "secret.key").write_text(f"{NEW}\n{OLD}\n")
    assert Settings(data_dir=tmp_path).secrets() == (NEW.encode(), OLD.encode())


def test_production_refuses_a_short_older_key() -> None:
    good = {"environment": "production", "secret_key": NEW, "database_url": "postgresql://u@h/d"}
    with pytest.raises(ValidationError, match="SECRET_KEY_FALLBACKS"):
        Settings(**good, public_url="https://x.mx", secret_key_fallbacks=f"{OLD},short")  # type: ignore[arg-type]


DIGESTS = {
    "api_credential.digest",
    "api_token.digest",
    "certificate.sha256",
    "certificate.signer",
    "client_assertion.jti_digest",
    "device_token.code_digest",
    "contact_failure.digest",
    "device_token.digest",
    "document.sha256",
    "draw.seed",
    "failure_counter.key",
    "idempotency_key.fingerprint",
    "personal_token.digest",
    "push_subscription.browser_digest",
    "push_subscription.endpoint_digest",
    "refresh_token.digest",
    "sign_in_code.code_hash",
    "sign_in_code.link_hash",
    "staff_setup_link.digest",
    "stored_form.owner",
    "web_session.token_digest",
}
NO_SECRETS = {"idempotency_key.body"}
"""JSON of the API as it was answered; pages among them are encrypted, and gone in a day."""


def test_every_encrypted_column_is_rotated() -> None:
    """A column of bytes is encrypted for a purpose that it names, else `keys rotate` would leave it behind; or it is a
    digest, or is no secret."""
    binary = [column for table in Base.metadata.tables.values() for column in table.columns]
    found = {str(one) for one in binary if isinstance(one.type, LargeBinary)} - DIGESTS - NO_SECRETS
    assert found == {str(column) for column in key_rotation.encrypted_columns()}


def test_what_is_signed_lasts_no_longer_than_is_said() -> None:
    assert account_freeze.LINK_LIFE < key_rotation.LONGEST_SIGNED
