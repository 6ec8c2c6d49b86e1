"""Calls to URLs of other people: real servers that redirect, flood, drip and never answer, and names that change."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.kernel.outbound import MAX_ANSWER, Answer, OutboundClient
from app.kernel.outbound_rules import OutboundError, OutboundPolicy, Reason, TargetRefused

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NAME = "hooks.example.mx"
ANY = (range(1, 65_536),)
HERE = OutboundPolicy(trusted=(IPv4Network("127.0.0.0/8"),), plain_http=True, ports=ANY)
OUTSIDE = OutboundPolicy(plain_http=True, ports=ANY)


class Server:
    """A server of one behaviour; `requests` are the heads it was sent."""

    def __init__(self, answering: Answering) -> None:
        self.requests: list[str] = []
        self.port = 0
        self._answering = answering

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                self.requests.append(head)
                await reader.readexactly(len(b"{}"))
                await self._answering(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(answering: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answering)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


async def fine(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Names:
    """A name server: the addresses of each look-up, the last ones from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@asynccontextmanager
async def calling(
    policy: OutboundPolicy, *answers: list[str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[OutboundClient]:
    client = OutboundClient(policy, resolve=Names(*answers or (["127.0.0.1"],)), tls=tls)
    try:
        yield client
    finally:
        await client.close()


async def post(client: OutboundClient, port: int, scheme: str = "http") -> Answer:
    return await client.post(f"{scheme}://{NAME}:{port}/hook", {"Content-Type": "application/json"}, b"{}")


async def test_the_host_is_the_name_and_the_connection_goes_to_the_checked_address() -> None:
    async with serving(fine) as server, calling(HERE) as client:
        assert await post(client, server.port) == Answer(200, b"ok")
    assert server.requests[0].startswith("POST /hook HTTP/1.1\r\n")
    assert f"Host: {NAME}:{server.port}\r\n" in server.requests[0]


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1"], ["1.1.1.1", "127.0.0.1"], ["::ffff:127.0.0.1"]])
async def test_a_name_with_an_address_inside_is_not_called(addresses: list[str]) -> None:
    async with serving(fine) as server, calling(OUTSIDE, addresses) as client:
        with pytest.raises(TargetRefused) as refused:
            await post(client, server.port)
    assert refused.value.reason is Reason.ADDRESS
    assert server.requests == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "[::ffff:7f00:1]"])
async def test_other_ways_to_write_this_machine_are_not_called(host: str) -> None:
    async with serving(fine) as server:
        client = OutboundClient(OUTSIDE)
        with pytest.raises(OutboundError) as refused:
            await client.post(f"http://{host}:{server.port}/", {}, b"{}")
        await client.close()
    assert refused.value.reason in (Reason.ADDRESS, Reason.URL, Reason.UNKNOWN_HOST)
    assert server.requests == []


async def test_a_name_that_changes_after_it_was_checked_leads_nowhere_else() -> None:
    """DNS rebinding: what was checked is what is connected to, and each connection asks once."""
    async with serving(fine) as inside:
        names = Names(["127.0.0.2"], ["127.0.0.1"])
        policy = OutboundPolicy(trusted=(IPv4Network("127.0.0.2/32"),), plain_http=True, ports=ANY)
        client = OutboundClient(policy, resolve=names)
        with pytest.raises(OutboundError) as first:
            await post(client, inside.port)
        asked_once = list(names.asked)
        with pytest.raises(TargetRefused) as second:
            await post(client, inside.port)
        await client.close()
    assert (first.value.reason, asked_once) == (Reason.CONNECTION, [NAME])
    assert second.value.reason is Reason.ADDRESS
    assert inside.requests == []


async def test_a_redirect_inside_is_an_answer() -> None:
    async with serving(fine) as inside:

        async def redirect(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            place = f"http://127.0.0.1:{inside.port}/"
            writer.write(f"HTTP/1.1 307 Moved\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode())

        async with serving(redirect) as server, calling(HERE) as client:
            assert (await post(client, server.port)).status == 307
    assert inside.requests == []


async def test_an_endless_answer_is_cut() -> None:
    sent = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            sent += 65_536
            await writer.drain()

    async with serving(flood) as server, calling(HERE) as client:
        answer = await post(client, server.port)
    assert (answer.status, len(answer.body), answer.is_cut) == (200, MAX_ANSWER, True)
    assert sent < 20_000_000


async def test_no_answer_ends_in_time() -> None:
    async def never(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    begun = monotonic()
    async with serving(never) as server, calling(HERE) as client:
        with pytest.raises(OutboundError) as late:
            await client.post(f"http://{NAME}:{server.port}/", {}, b"{}", total_seconds=0.5)
    assert late.value.reason is Reason.TIMEOUT
    assert monotonic() - begun < 30


async def test_a_head_that_drips_ends_in_time() -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-More: yes\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(drip) as server, calling(HERE) as client:
        with pytest.raises(OutboundError) as late:
            await client.post(f"http://{NAME}:{server.port}/", {}, b"{}", total_seconds=0.5)
    assert late.value.reason is Reason.TIMEOUT


async def test_a_body_that_drips_is_cut_in_time() -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    begun = monotonic()
    async with serving(drip) as server, calling(HERE) as client:
        answer = await client.post(f"http://{NAME}:{server.port}/", {}, b"{}", total_seconds=0.5)
    assert (answer.status, answer.is_cut) == (202, True)
    assert answer.body
    assert monotonic() - begun < 30


async def test_names_that_are_not_known_and_ports_that_are_closed() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    for resolve, reason in ((unknown, Reason.UNKNOWN_HOST), (Names([]), Reason.UNKNOWN_HOST)):
        client = OutboundClient(HERE, resolve=resolve)
        with pytest.raises(OutboundError) as failed:
            await post(client, 1)
        await client.close()
        assert failed.value.reason is reason


async def test_what_is_not_http_is_no_answer() -> None:
    async def other(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        writer.close()

    async with serving(other) as server, calling(HERE) as client:
        with pytest.raises(OutboundError) as failed:
            await post(client, server.port)
    assert failed.value.reason is Reason.PROTOCOL


async def test_connections_are_used_again() -> None:
    async with serving(fine) as server, calling(HERE, ["127.0.0.1"]) as client:
        for _ in range(3):
            await post(client, server.port)
        names = client._pool.connections
    assert len(server.requests) == 3
    assert len(names) <= 1


def _certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of this name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    file = folder / f"{name}.pem"
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain) + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=pem.decode())


async def test_the_certificate_is_of_the_name_not_of_the_address(tmp_path: Path) -> None:
    server_side, client_side = _certificate(tmp_path, NAME)
    async with serving(fine, server_side) as server, calling(HERE, tls=client_side) as client:
        assert (await post(client, server.port, "https")).status == 200


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    server_side, client_side = _certificate(tmp_path, "other.example.mx")
    async with serving(fine, server_side) as server, calling(HERE, tls=client_side) as client:
        with pytest.raises(OutboundError) as refused:
            await post(client, server.port, "https")
    assert refused.value.reason is Reason.CERTIFICATE
    assert server.requests == []
