"""The address of a PostgreSQL server, as libpq takes it, translated for each driver. Nothing else reads addresses.

libpq itself parses it, as `postgresql://…` or as `host=… dbname=…`. psycopg and PostgreSQL's own programs take every
parameter; asyncpg, which is no libpq, takes what is translated here, and what it can't honour is refused at start.
"""

import os
import random
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import asyncpg
from asyncpg.exceptions import CannotConnectNowError, TargetServerAttributeNotMatched
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import URL

from app.kernel.parsing import is_digits, whole_number

DEFAULT_PORT = "5432"
CONNECT_SECONDS = 10
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
EXAMPLE = "postgresql://user:password@host:5432/name?sslmode=verify-full&sslrootcert=/etc/ventanilla/ca.pem"
SCHEME = re.compile(r"^postgres(ql)?(\+\w+)?://")
TLS = ("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation")
TLS_VERSIONS = ("ssl_min_protocol_version", "ssl_max_protocol_version")
# What asyncpg takes by other means, or what doesn't change where a connection leads and how safe it is.
TRANSLATED = {"host", "port", "user", "password", "dbname", "passfile", "target_session_attrs", "connect_timeout"}
TRANSLATED |= {"application_name", "options", "load_balance_hosts", *TLS, *TLS_VERSIONS}
WITHOUT_EFFECT = {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"}
WITHOUT_EFFECT |= {"fallback_application_name", "client_encoding", "sslsni", "sslcompression", "sslcertmode"}
ONLY = {
    "gssencmode": {"disable", "prefer"},
    "channel_binding": {"disable", "prefer"},
    "sslmode": {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"},
    "target_session_attrs": {"any", "read-write", "read-only", "primary", "standby", "prefer-standby"},
    "load_balance_hosts": {"disable", "random"},
}


class AddressError(ValueError):
    """The address can't be used. The text says why, and holds nothing of the address but names of parameters."""


@dataclass(frozen=True, slots=True)
class Address:
    """Parameters of libpq by name."""

    parameters: Mapping[str, str] = field(repr=False)

    @property
    def hosts(self) -> list[tuple[str, str]]:
        """Each host, or folder of a socket, with its port."""
        hosts = self.parameters.get("host", "").split(",")
        ports = self.parameters.get("port", "").split(",")
        if len(ports) == 1:
            ports *= len(hosts)
        return [(host, port or DEFAULT_PORT) for host, port in zip(hosts, ports, strict=True)]

    @property
    def uses_tls(self) -> bool:
        """Whether a connection without TLS is refused."""
        is_default = "verify-full" if self.parameters.get("sslrootcert") == "system" else "prefer"
        return self.parameters.get("sslmode", is_default) not in {"disable", "allow", "prefer"}

    @property
    def is_local(self) -> bool:
        """Whether every host is this machine: a socket, or the loopback address."""
        return all(
            host.startswith(("/", "@")) or host in {"", "localhost", "127.0.0.1", "::1"} for host, _ in self.hosts
        )

    def for_psycopg(self, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Keyword arguments of `psycopg.connect`. `settings` are the session's; the address may override them."""
        given = {"connect_timeout": str(CONNECT_SECONDS), **self.parameters}
        if settings:
            wanted = [f"-c {name}={_escaped(value)}" for name, value in settings.items() if name != "application_name"]
            given["options"] = " ".join([*wanted, self.parameters.get("options", "")]).strip()
            given.setdefault("application_name", settings.get("application_name", ""))
        return given

    def for_asyncpg(self, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Keyword arguments of `asyncpg.connect`, but for hosts and ports: see `connect_asyncpg`."""
        named = {"user": "user", "password": "password", "dbname": "database", "passfile": "passfile"}
        given: dict[str, Any] = {
            theirs: self.parameters[ours] for ours, theirs in named.items() if ours in self.parameters
        }
        tls = {name: self.parameters[name] for name in (*TLS, *TLS_VERSIONS) if name in self.parameters}
        if tls.get("sslrootcert") == "system":
            given["ssl"] = _system_context(tls)
        elif tls:
            given["dsn"] = "postgresql://?" + "&".join(f"{name}={quote(value)}" for name, value in tls.items())
        seconds = int(self.parameters.get("connect_timeout", CONNECT_SECONDS))
        given["timeout"] = max(2, seconds) if seconds > 0 else None
        session = dict(settings or {}) | dict(_options(self.parameters.get("options", "")))
        if "application_name" in self.parameters:
            session["application_name"] = self.parameters["application_name"]
        given["server_settings"] = session
        return given

    async def connect_asyncpg(self, settings: Mapping[str, str] | None = None, **more: Any) -> Any:
        """A connection of asyncpg to the first host that takes it. Each gets the whole `connect_timeout`, as in libpq.

        Raises:
            OSError, TimeoutError, asyncpg.PostgresError: what the last host answered.
        """
        given = self.for_asyncpg(settings) | more
        hosts = self.hosts
        if self.parameters.get("load_balance_hosts") == "random":
            random.shuffle(hosts)
        wanted = self.parameters.get("target_session_attrs", "any")
        # A preference takes two rounds: hosts that match, then any host that responds.
        rounds = ["standby", "any"] if wanted == "prefer-standby" else [wanted]
        tries = [(host, port, attribute) for attribute in rounds for host, port in hosts]
        for host, port, attribute in tries[:-1]:
            try:
                return await _connect_one(host, port, attribute, given)
            except (OSError, TimeoutError, CannotConnectNowError):
                continue
        return await _connect_one(*tries[-1], given)

    def for_programs(self) -> dict[str, str]:
        """Environment variables for PostgreSQL's own programs (`pg_dump`): a password never stands in an argument."""
        given = {name: value for name, value in self.parameters.items() if name in PROGRAM_VARIABLES}
        return {PROGRAM_VARIABLES[name]: value for name, value in given.items()}

    def sqlalchemy_url(self, driver: str) -> URL:
        """For a single host: the same address as SQLAlchemy writes it."""
        (host, port), *_others = self.hosts
        is_socket = host.startswith("/")
        return URL.create(
            f"postgresql+{driver}",
            username=self.parameters.get("user"),
            password=self.parameters.get("password"),
            host=None if is_socket else host or None,
            port=None if is_socket or "port" not in self.parameters else int(port),
            database=self.parameters.get("dbname"),
            query={"host": host} if is_socket else {},
        )


PROGRAM_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
    "gssencmode": "PGGSSENCMODE",
    "channel_binding": "PGCHANNELBINDING",
    "sslmode": "PGSSLMODE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}


def parse(given: str | URL) -> Address:
    """The address that libpq reads in this text.

    Raises:
        AddressError: it can't be read, or asks for something that one of the drivers can't do.
    """
    return _from_url(given) if isinstance(given, URL) else _parse(given)


@lru_cache(maxsize=64)
def _parse(given: str) -> Address:
    try:
        found = conninfo_to_dict(SCHEME.sub("postgresql://", given))
    except ProgrammingError:
        # libpq's own words repeat pieces of the address, the password among them.
        raise AddressError(
            f"is not an address that PostgreSQL's library can read. Write it like {EXAMPLE}; in a user name, a"
            " password or a path, letters such as @ : / % and spaces are written %40 %3A %2F %25 %20"
        ) from None
    return _checked({name: str(value) for name, value in found.items() if value is not None})


def _from_url(given: URL) -> Address:
    if given.get_backend_name() != "postgresql":
        raise AddressError(f"is no PostgreSQL address. Write it like {EXAMPLE}")
    parts = {"user": given.username, "password": given.password, "host": given.host, "dbname": given.database}
    parts |= {"port": str(given.port) if given.port else None}
    parts |= {name: value if isinstance(value, str) else ",".join(value) for name, value in given.query.items()}
    return _checked({name: str(value) for name, value in parts.items() if value})


def _checked(parameters: dict[str, str]) -> Address:
    unknown = sorted(set(parameters) - TRANSLATED - WITHOUT_EFFECT - set(ONLY))
    if unknown:
        raise AddressError(f"has parameters that the portal's drivers can't honour: {', '.join(unknown)}")
    for name, allowed in ONLY.items():
        if parameters.get(name, next(iter(allowed))) not in allowed:
            raise AddressError(f"has a {name} that isn't one of {', '.join(sorted(allowed))}")
    address = Address(parameters)
    try:
        for _host, port in address.hosts:
            whole_number(port, low=1, high=65_535)
    except ValueError:
        raise AddressError("needs one port for all hosts, or as many as hosts, each from 1 to 65535") from None
    if not is_digits(parameters.get("connect_timeout", "1").removeprefix("-")):
        raise AddressError("has a connect_timeout that isn't a number of seconds")
    list(_options(parameters.get("options", "")))
    return address


def _options(written: str) -> Iterator[tuple[str, str]]:
    """The settings of libpq's `options`: `-c name=value` or `--name=value`, a backslash before a space in them."""
    words = iter(re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|[^\\\s])+", written))
    for word in words:
        if word == "-c":
            setting = next(words, "")
        elif word.startswith(("-c", "--")):
            setting = word[2:]
        else:
            raise AddressError("has options other than -c name=value and --name=value")
        name, is_one, value = setting.partition("=")
        if not is_one or not name:
            raise AddressError("has options other than -c name=value and --name=value")
        yield name.replace("-", "_"), value


def _escaped(value: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", value)


def _system_context(tls: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if "sslcert" in tls:
        context.load_cert_chain(tls["sslcert"], tls.get("sslkey"), tls.get("sslpassword"))
    return context


async def _connect_one(host: str, port: str, attribute: str, given: Mapping[str, Any]) -> Any:
    place = {"host": [host], "port": [int(port)]} if host else {"port": int(port)}
    if "host" not in place and os.environ.get("PGHOST"):
        place = {}
    try:
        return await asyncpg.connect(**place, **given, target_session_attrs=attribute)
    except TargetServerAttributeNotMatched as error:
        raise ConnectionError(f"the server isn't {attribute}") from error
