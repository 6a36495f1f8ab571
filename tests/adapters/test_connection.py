"""TLS towards a source: always verified, whatever the other side offers."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.connection import tls_context
from adapters.contract import AdapterError, Fault
from adapters.settings import ProfileError
from adapters.transport import Reply, Transport
from tests.adapters.builders import AT, Recorder, settings
from tests.adapters.raw_server import answer


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """A self-signed certificate for an address, valid around the time it is made, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mock registry")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(AT - timedelta(days=3650))
        .not_valid_after(AT + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "server.cert.pem", folder / "server.key.pem"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file


@asynccontextmanager
async def tls_server(folder: Path, address: str = "127.0.0.1") -> AsyncIterator[tuple[str, Path]]:
    """A server with a certificate of its own for `address`, on the loopback address."""
    certificate_file, key_file = certificate(folder, address)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", certificate_file
    finally:
        server.close()
        await server.wait_closed()


async def get(url: str, ca_file: Path | None) -> Reply | AdapterError:
    transport = Transport(
        settings(attempts=3),
        observe=Recorder(),
        tls=tls_context(None if ca_file is None else str(ca_file)),
        pause=lambda _: 0.0,
    )
    try:
        return await transport.request(
            "GET", url, headers={}, deadline=30, idempotent=True, accept={"text/xml"}, operation="check"
        )
    except AdapterError as error:
        return error
    finally:
        await transport.close()


async def test_trusted_authority(tmp_path: Path) -> None:
    """A source with its own authority answers when that authority is configured."""
    async with tls_server(tmp_path) as (url, ca_file):
        reply = await get(url, ca_file)
    assert isinstance(reply, Reply)
    assert reply.body == b"<a/>"


async def test_unknown_authority(tmp_path: Path) -> None:
    """Without it the connection is refused, once."""
    async with tls_server(tmp_path) as (url, _):
        error = await get(url, None)
    assert isinstance(error, AdapterError)
    assert (error.fault, error.reason, error.retryable) == (Fault.UNAVAILABLE, "tls_failed", False)


async def test_another_hosts_certificate(tmp_path: Path) -> None:
    """A trusted certificate for another address is refused."""
    async with tls_server(tmp_path, "127.0.0.2") as (url, ca_file):
        error = await get(url, ca_file)
    assert isinstance(error, AdapterError)
    assert error.reason == "tls_failed"


async def test_no_tls_at_all() -> None:
    """A server that answers a TLS greeting in the clear is not believed."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)  # closed with the greeting unread, the connection would be reset
        writer.write(answer())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    async with server:
        error = await get(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", None)
    assert isinstance(error, AdapterError)
    assert error.reason == "tls_failed"


def test_verification_is_on(tmp_path: Path) -> None:
    """Every context verifies certificate and host, with TLS 1.2 or newer."""
    certificate_file, _ = certificate(tmp_path)
    for context in (tls_context(), tls_context(str(certificate_file))):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_unreadable_authorities(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing or holds no certificate is named as the option at fault."""
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(ProfileError) as raised:
        tls_context(str(ca_file))
    assert raised.value.key == "ca_file"
