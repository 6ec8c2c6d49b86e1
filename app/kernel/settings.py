"""Settings: read from the environment, validated at startup, immutable afterwards.

Those of the server, the database and the logs are here. A package's own are a subclass in its `settings` module, and
`app.settings` joins them all, to check and document them.
"""

import contextlib
import os
import re
import secrets
from functools import lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Literal, Self, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.kernel import postgres_address
from app.kernel.origins import parse_origins
from app.kernel.outbound_rules import parse_ports, parse_trusted
from app.kernel.rate_limit_rules import parse_networks

PREFIX = "VENTANILLA_"
MIN_SECRET_LENGTH = 32
COOKIE_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
"""Not as the other cookies of an installation end."""
ADDRESS = re.compile(r"[\w.\-]+(:[0-9]+)?|\[[0-9a-fA-F:.]+\](:[0-9]+)?")
"""A host and port of a URL: letters of any script, since hosts may have them."""


class Settings(BaseSettings):
    """What every process needs. Each environment variable is the field's name in capitals after `VENTANILLA_`."""

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
    cookie_name: str = Field(
        "ventanilla",
        description="Name of the session cookie; those of the other cookies begin with it and an underscore. "
        "Letters, digits and hyphens. Installations on one host need different ones: browsers don't separate cookies "
        "by port. Under `ventanilla up`, outside production and on another port than 8000: `ventanilla-` and the port.",
    )
    web_workers: int = Field(1, ge=1, le=64, description="Web server processes.")
    worker_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port of a worker's own /health/live, /health/ready and /metrics. Empty: none; under "
        "`ventanilla up`, the first free one after the web server's.",
    )
    api_origins: str = Field(
        "",
        description="Origins whose browser programs may call the API: `https://app.example.mx, https://otra.example`. "
        "Each exactly, without a path; `http` for this machine only. Empty: none.",
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
        10_000,
        ge=100,
        description="Longest a web request's statement may run, in milliseconds; a server that hangs is waited for two "
        "seconds longer. Then 503.",
    )
    lock_timeout_ms: int = Field(
        4_000, ge=100, description="Longest a web request waits for a lock, in milliseconds; then 503."
    )
    request_limit_per_minute: int = Field(
        600, ge=0, description="Requests per minute from one address and process; 0 turns the limit off."
    )
    streams_per_address: int = Field(
        100, ge=1, description="Open streams (boards, pages that stay current) from one address and process."
    )
    streams_per_process: int = Field(2_000, ge=1, description="Open streams per web process; then 503.")
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body accepted, in bytes.")
    log_format: Literal["json", "console"] = Field("json", description="`console` for people, `json` for machines.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Minimum level of log entries.")
    metrics_token: SecretStr | None = Field(
        None, description="Bearer token that /metrics asks for. Empty: /metrics answers loopback only."
    )

    outbound_trusted_networks: str = Field(
        "",
        description="Private networks whose addresses webhooks and web push may call: `10.20.0.0/16, fd12:3456::/32`. "
        "Public addresses always may be; cloud metadata never.",
    )
    outbound_plain_http: bool = Field(False, description="Webhooks may be sent by http, unencrypted.")
    outbound_ports: str = Field("443, 8443", description="Ports that webhooks and web push may call: `443, 9000-9010`.")

    idempotency_hours: int = Field(
        24, ge=1, le=168, description="How long a response is stored for its idempotency key."
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

    @field_validator("database_url")
    @classmethod
    def _address_can_be_read(cls, written: str | None) -> str | None:
        if written is not None:
            postgres_address.parse(written)
        return written

    @field_validator("known_networks")
    @classmethod
    def _networks_can_be_read(cls, text: str) -> str:
        parse_networks(text)
        return text

    @field_validator("outbound_trusted_networks")
    @classmethod
    def _trusted_networks_can_be_read(cls, text: str) -> str:
        parse_trusted(text)
        return text

    @field_validator("api_origins")
    @classmethod
    def _origins_can_be_read(cls, text: str) -> str:
        parse_origins(text)
        return text

    @field_validator("outbound_ports")
    @classmethod
    def _ports_can_be_read(cls, text: str) -> str:
        if not parse_ports(text):
            raise ValueError("needs a port at least")
        return text

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_address(cls, written: str | None) -> str | None:
        if written is None:
            return None
        parts = urlsplit("")
        try:
            parts = urlsplit(written)
            is_address = parts.scheme in ("http", "https") and (parts.port or 1) > 0
        except ValueError:  # a port that is no number, a broken IPv6 address
            is_address = False
        is_address = is_address and ADDRESS.fullmatch(parts.netloc) is not None
        if not is_address or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be a scheme and a host, such as https://citas.example.mx")
        return written

    @field_validator("cookie_name")
    @classmethod
    def _cookie_name_can_be_sent(cls, text: str) -> str:
        if COOKIE_NAME.fullmatch(text) is None:
            raise ValueError("must have 1 to 40 letters, digits or hyphens")
        return text

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_can_be_read(cls, text: str) -> str:
        for entry in filter(None, map(str.strip, text.split(","))):
            if entry in ("*", "localhost"):
                continue
            try:
                ip_network(entry)
            except ValueError:
                raise ValueError(
                    "must be addresses or networks separated by commas, such as 10.0.0.5, 172.28.57.0/24"
                ) from None
        return text

    @model_validator(mode="after")
    def _secrets_are_long(self) -> Self:
        if self.secret_key is not None and len(self.secret_key.get_secret_value().strip()) < MIN_SECRET_LENGTH:
            raise ValueError(f"{PREFIX}SECRET_KEY needs at least {MIN_SECRET_LENGTH} characters")
        if any(len(key) < MIN_SECRET_LENGTH for key in self.fallbacks()):
            raise ValueError(f"each of {PREFIX}SECRET_KEY_FALLBACKS needs at least {MIN_SECRET_LENGTH} characters")
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        if self.environment != "production":
            return self
        missing = [name for name in ("secret_key", "database_url", "public_url") if getattr(self, name) is None]
        if missing:
            names = ", ".join(PREFIX + name.upper() for name in missing)
            raise ValueError(f"production needs {names}")
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


Section = TypeVar("Section", bound=Settings)


_sections: dict[type[Settings], Settings] = {}


def section(kind: type[Section]) -> Section:
    """A package's own settings in this process: a subclass of `Settings` that lives beside what reads it.

    Raises:
        SettingsError: ends the process with a sentence for each setting that is wrong.
    """
    if kind not in _sections:
        try:
            _sections[kind] = kind()
        except ValidationError as error:
            raise SettingsError(error) from None
    return cast("Section", _sections[kind])


def forget_settings() -> None:
    """Read the environment again, for every section. For tests, and programs that start several portals."""
    _sections.clear()
    _development_secret.cache_clear()


def get_settings() -> Settings:
    """The settings that belong to no package, in this process.

    Raises:
        SettingsError: ends the process with a sentence for each setting that is wrong.
    """
    return section(Settings)


class SettingsError(SystemExit):
    """Invalid settings: a sentence each, with the name but not the value, which may be secret."""

    def __init__(self, error: ValidationError) -> None:
        found = [_sentence(one["loc"], one["type"], one["msg"]) for one in error.errors(include_input=False)]
        super().__init__("\n".join(["The settings can't be used:", *(f"  {sentence}" for sentence in found)]))


def _sentence(place: tuple[int | str, ...], kind: str, message: str) -> str:
    reason = message.removeprefix("Value error, ").removeprefix("Input ").partition(", unable to")[0]
    name = f"{PREFIX}{str(place[0]).upper()} " if place else ""
    return f"{name}{reason}. See docs/settings.md." if kind != "value_error" or name else f"{reason}."
