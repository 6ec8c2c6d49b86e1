"""All settings: read from the environment, validated at startup, immutable afterwards.

Only `main`, `cli` and `kernel` read it; packages get values through the kernel or as arguments.
"""

import contextlib
import os
import secrets
from datetime import time
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.kernel import postgres_address
from app.kernel.rate_limit_rules import parse_networks

PREFIX = "VENTANILLA_"
MIN_SECRET_LENGTH = 32


class Settings(BaseSettings):
    """The portal's settings. Each environment variable is the field's name in capitals after `VENTANILLA_`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, and the environment: there are no files of settings."""
        return init_settings, env_settings

    environment: Literal["development", "test", "production"] = Field(
        "development", description="`production` refuses development secrets and never migrates by itself."
    )
    database_url: str | None = Field(
        None,
        description="PostgreSQL 15-18, as libpq takes it: `postgresql://user:password@host/name?sslmode=verify-full`, "
        "several hosts too (operations.md). Empty: the embedded server.",
    )
    data_dir: Path = Field(Path("var"), description="Where the embedded database, keys and logs live.")
    secret_key: SecretStr | None = Field(
        None,
        description="At least 32 characters. Signs tokens and encrypts codes. Required in production; "
        "otherwise made once in the data folder.",
    )
    secret_key_fallbacks: SecretStr | None = Field(
        None,
        description="Secret keys used before, separated by commas, the newest first: they still decrypt and verify. "
        "`ventanilla keys rotate` says when one is no longer needed.",
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str | None = Field(
        None, description="The address people use, as `https://citas.example.mx`. Needed behind a proxy."
    )
    web_workers: int = Field(1, ge=1, le=64, description="Web server processes.")
    worker_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of a worker's own /health/live, /health/ready and /metrics. Empty: none; under "
        "`ventanilla up`, the web server's port and one.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1", description="Comma-separated addresses whose X-Forwarded-* headers are trusted."
    )
    known_networks: str = Field(
        "",
        description="Networks where many people share an address (clinics, libraries, carriers' NAT) and how many: "
        "`187.141.0.0/16=200, 2001:db8::/32=50`. Allowances per address, or per IPv6 /64, are multiplied by it.",
    )
    pool_size: int = Field(16, ge=2, le=200, description="Database connections per web process.")
    raw_pool_size: int = Field(
        8, ge=1, le=200, description="Raw connections per web process for short transactions: booking, claiming."
    )
    separate_pool_size: int = Field(
        3,
        ge=1,
        le=20,
        description="Connections per process for records that must survive a rollback (attempts, denials).",
    )
    statement_timeout_ms: int = Field(
        10_000, ge=100, description="Longest a web request's statement may run, in milliseconds."
    )
    lock_timeout_ms: int = Field(
        4_000, ge=100, description="Longest a web request waits for a lock, in milliseconds; then 503."
    )
    request_limit_per_minute: int = Field(
        600, ge=0, description="Requests per minute from one address and process; 0 turns the limit off."
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body accepted, in bytes.")
    log_format: Literal["json", "console"] = Field("json", description="`console` for people, `json` for machines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Minimum level of log entries.")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for. Empty: /metrics answers loopback only."
    )
    help_phone: str = Field("800 000 0000", description="Telephone shown on every page.")
    agency_name: str = Field("Ventanilla", description="Name shown in the header of every page.")

    hold_minutes: int = Field(5, ge=1, le=30, description="How long a slot is held while a person confirms.")
    release_delay_seconds: int = Field(
        120,
        ge=0,
        le=86_400,
        description="Delay before a freed slot is offered again, so that bots gain nothing.",
    )
    horizon_days: int = Field(30, ge=1, le=180, description="Days ahead for which slots are generated and offered.")
    booking_opens_at: time = Field(
        time(7),
        description="The hour, by each unit's clock, at which the newest of those days can be booked.",
    )
    idempotency_hours: int = Field(
        24, ge=1, le=168, description="How long a response is stored for its idempotency key."
    )

    access_token_minutes: int = Field(10, ge=1, le=60, description="Lifetime of an API access token.")
    refresh_token_days: int = Field(
        30, ge=1, le=365, description="A citizen's refresh token expires after this time unused."
    )
    refresh_family_days: int = Field(
        90,
        ge=1,
        le=730,
        description="A citizen's program must sign in again after this number of days, regardless of refreshes.",
    )
    staff_token_hours: int = Field(
        12, ge=1, le=24, description="Staff's programs must sign in again, with the second factor, after these hours."
    )
    session_idle_minutes: int = Field(20, ge=1, le=240, description="A web session ends after this time of inactivity.")
    session_hours: int = Field(12, ge=1, le=72, description="Maximum lifetime of a web session.")
    code_minutes: int = Field(15, ge=1, le=60, description="Lifetime of a one-time code.")
    argon2_memory_kib: int = Field(65_536, ge=8, description="Memory of the staff password hash, KiB (RFC 9106).")

    smtp_host: str | None = Field(None, description="Mail server. Empty: messages stay on the development page.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_username: str | None = Field(None, description="User for the mail server.")
    smtp_password: SecretStr | None = Field(None, description="Password for the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How mail is encrypted.")
    mail_from: str = Field("Ventanilla <no-responder@localhost>", description="Sender of the portal's messages.")
    sms_url: str | None = Field(
        None,
        description="Gateway for text messages: gets a POST of JSON `{to, text, id}`. Empty: like `smtp_host`.",
    )
    sms_token: SecretStr | None = Field(None, description="Bearer token for the text-message gateway.")
    max_upload_bytes: int = Field(
        10_485_760, ge=65_536, le=104_857_600, description="Largest document accepted, in bytes."
    )
    uploads_at_once: int = Field(
        64, ge=1, le=1024, description="Concurrent uploads per web process; they are buffered on its disk."
    )
    inspections_at_once: int = Field(
        6, ge=1, le=64, description="Uploaded files examined at a time in a web process, each in up to 1 GiB of memory."
    )
    storage_url: str | None = Field(
        None,
        description="Where documents and certificates are stored: `s3://bucket/prefix`. Empty: a folder in the data "
        "folder. Keys and endpoint of S3 come from the usual `AWS_...` variables.",
    )
    clamd_host: str | None = Field(
        None, description="Virus scanner (clamd). Empty: documents are marked as not scanned."
    )
    clamd_port: int = Field(3310, ge=1, le=65535, description="Port of the virus scanner.")
    signing_key: Path | None = Field(
        None,
        description="PKCS#12 file whose key signs certificates. Required in production to issue them; otherwise a "
        "development key is made once in the data folder.",
    )
    signing_password: SecretStr | None = Field(None, description="Password of the PKCS#12 file.")
    lease_minutes: int = Field(15, ge=1, le=480, description="Lease of an officer on a request without a heartbeat.")
    draft_days: int = Field(30, ge=1, le=365, description="Days that an unchanged draft is retained.")
    access_log_days: int = Field(
        2_557,
        ge=365,
        le=7_305,
        description="Days that the record of who saw whose data is retained. Seven years unless set: until then grave "
        "offences of public servants can be punished (Ley General de Responsabilidades Administrativas, art. 74).",
    )
    clock_skew_seconds: int = Field(
        300,
        ge=1,
        le=86_400,
        description="A worker whose clock is further than this from the database's stops its scheduled work.",
    )
    clock_pause_minutes: int = Field(
        60,
        ge=0,
        le=10_080,
        description="How long deletion and expiry jobs pause after the database's clock jumped, or after no "
        "worker ran for an hour.",
    )
    demo_data: bool = Field(True, description="Load demonstration data on first start (never in production).")
    demo_people: int = Field(2_000, ge=10, le=5_000_000, description="How many people the demonstration data has.")

    @field_validator("database_url")
    @classmethod
    def _address_can_be_read(cls, written: str | None) -> str | None:
        if written is not None:
            postgres_address.parse(written)
        return written

    @field_validator("booking_opens_at")
    @classmethod
    def _hour_of_each_clock(cls, hour: time) -> time:
        if hour.tzinfo is not None:
            raise ValueError("is written without a zone, like 07:00: it is the hour of each unit's own clock")
        return hour

    @field_validator("known_networks")
    @classmethod
    def _networks_can_be_read(cls, text: str) -> str:
        parse_networks(text)
        return text

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.environment != "production":
            return self
        missing = [name for name in ("secret_key", "database_url", "public_url") if getattr(self, name) is None]
        if missing:
            names = ", ".join(PREFIX + name.upper() for name in missing)
            raise ValueError(f"production needs {names}")
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < MIN_SECRET_LENGTH:
            raise ValueError(f"{PREFIX}SECRET_KEY needs at least {MIN_SECRET_LENGTH} characters")
        if any(len(key) < MIN_SECRET_LENGTH for key in self.fallbacks()):
            raise ValueError(f"each of {PREFIX}SECRET_KEY_FALLBACKS needs at least {MIN_SECRET_LENGTH} characters")
        if not str(self.public_url).startswith("https://"):
            raise ValueError(f"{PREFIX}PUBLIC_URL must start with https:// in production")
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def base_url(self) -> str:
        """The portal's public URL, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def secure_cookies(self) -> bool:
        return self.base_url.startswith("https://")

    def secrets(self) -> tuple[bytes, ...]:
        """The signing secret and those before it, the newest first: the configured ones, else those of a file (0600) in
        the data folder, made once; there, older ones stand on the lines below the first."""
        if self.secret_key is not None:
            made = [self.secret_key.get_secret_value().encode()]
        else:
            made = _development_secret(self.data_dir.resolve() / "secret.key").split()
        return tuple(dict.fromkeys([*made, *self.fallbacks()]))

    def secret(self) -> bytes:
        """The newest signing secret."""
        return self.secrets()[0]

    def fallbacks(self) -> list[bytes]:
        """The secret keys used before."""
        written = self.secret_key_fallbacks.get_secret_value() if self.secret_key_fallbacks else ""
        return [key.strip().encode() for key in written.split(",") if key.strip()]


@lru_cache
def _development_secret(path: Path) -> bytes:
    # Written whole under another name first: web server and worker may start at the same moment, and the one
    # that comes second must find either nothing or all of it.
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_bytes()


@lru_cache
def get_settings() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: ends the process with a sentence for each setting that is wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(error) from None


class SettingsError(SystemExit):
    """Invalid settings: a sentence each, with the name but not the value, which may be secret."""

    def __init__(self, error: ValidationError) -> None:
        found = [_sentence(one["loc"], one["type"], one["msg"]) for one in error.errors(include_input=False)]
        super().__init__("\n".join(["The settings can't be used:", *(f"  {sentence}" for sentence in found)]))


def _sentence(place: tuple[int | str, ...], kind: str, said: str) -> str:
    reason = said.removeprefix("Value error, ").removeprefix("Input ").partition(", unable to")[0]
    name = f"{PREFIX}{str(place[0]).upper()} " if place else ""
    return f"{name}{reason}. See docs/settings.md." if kind != "value_error" or name else f"{reason}."
