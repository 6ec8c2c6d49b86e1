"""Something between a client and PostgreSQL: ends TLS, or drops what a pooler doesn't pass on."""

import asyncio
import contextlib
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from app.kernel.postgres import DATABASE_USER
from tests.conftest import Database

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


@asynccontextmanager
async def proxy(
    socket_folder: str,
    *,
    tls: ssl.SSLContext | None = None,
    only: tuple[bytes, ...] | None = None,
    host: str = "127.0.0.1",
    gate: asyncio.Event | None = None,
) -> AsyncIterator[int]:
    """A port that leads to the server whose socket is in this folder. `only`: the startup parameters passed on. `gate`:
    while it isn't set, nothing passes and nothing is closed, as of a server that hangs."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            try:
                await _serve(reader, writer)
            finally:
                writer.close()

    async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if gate is not None:
            await gate.wait()
        packet = await _first_packet(reader)
        while struct.unpack("!i", packet[:4])[0] in {SSL_REQUEST, GSS_REQUEST}:
            is_tls = tls is not None and struct.unpack("!i", packet[:4])[0] == SSL_REQUEST
            writer.write(b"S" if is_tls else b"N")
            await writer.drain()
            if is_tls:
                assert tls is not None
                await writer.start_tls(tls)
            packet = await _first_packet(reader)
        behind_reader, behind = await asyncio.open_unix_connection(f"{socket_folder}/.s.PGSQL.5432")
        packet = _filtered(packet, only)
        behind.write(struct.pack("!i", len(packet) + 4) + packet)
        both = [asyncio.create_task(_pump(*ends, gate)) for ends in ((reader, behind), (behind_reader, writer))]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in both:
            one.cancel()
        behind.close()

    server = await asyncio.start_server(serve, host, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _first_packet(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack("!i", await reader.readexactly(4))
    return await reader.readexactly(length - 4)


def _filtered(packet: bytes, only: tuple[bytes, ...] | None) -> bytes:
    if only is None:
        return packet
    words = packet[4:].rstrip(b"\0").split(b"\0")
    stored = [pair for pair in zip(words[::2], words[1::2], strict=False) if pair[0] in only]
    return packet[:4] + b"".join(name + b"\0" + value + b"\0" for name, value in stored) + b"\0"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event | None) -> None:
    while data := await reader.read(65_536):
        if gate is not None:
            await gate.wait()
        writer.write(data)
        await writer.drain()


def certificates(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """A self-made certificate authority's file, and a server's context with a certificate of it for this name."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def subject(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common)])

    now = datetime.now(UTC)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def signed(common: str, of: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> x509.Certificate:
        builder = x509.CertificateBuilder().subject_name(subject(common)).issuer_name(subject("CA"))
        builder = builder.public_key(of.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return builder.add_extension(extension, critical=True).sign(authority, hashes.SHA256())

    root = signed("CA", authority, x509.BasicConstraints(ca=True, path_length=None))
    leaf = signed(name, key, x509.SubjectAlternativeName([x509.DNSName(name)]))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(leaf.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context


def folder_of(db: Database) -> str:
    return str(db.url.query["host"])


def at(db: Database, hosts: str, **parameters: str) -> str:
    rest = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
    return f"postgresql://{DATABASE_USER}@{hosts}/{db.url.database}?{rest}"
