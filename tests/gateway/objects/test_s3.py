"""Objects in a real S3 server: who is let in, what happens when it fails, and that the environment has no say."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.running import S3Settings
from gateway.objects.contract import ObjectExists, ObjectsUnavailable
from gateway.objects.s3 import S3Objects
from tests.gateway.objects.builders import key
from tests.helpers.object_storage import BUCKET, SECRET, STRANGER, Storage, object_storage


async def reason(act: Any) -> str:
    """The word by which an act fails."""
    with pytest.raises(ObjectsUnavailable) as caught:
        await act
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value.reason


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secret_key": "another"}, "refused"),
        ({"access_key": "test:nobody"}, "refused"),
        ({"access_key": STRANGER}, "refused"),
        ({"bucket": "no-such-bucket"}, "not_configured"),
        ({"endpoint": "http://127.0.0.1:1"}, "unavailable"),
    ],
)
async def test_wrong_settings_are_told_apart(storage: Storage, change: Mapping[str, Any], word: str) -> None:
    """A wrong account, a missing bucket and a wrong address each have their word, for every act."""
    name, store = key(), S3Objects(replace(storage.settings, **change))
    for act in (store.put(name, b"1"), store.get(name), store.delete(name), store.check()):
        assert await reason(act) == word
    assert await S3Objects(storage.settings).get(name) is None


async def test_a_web_server_is_no_storage(storage: Storage) -> None:
    """An address whose answer is no storage's word for absence is not taken for an empty store."""
    name, store = key(), S3Objects(replace(storage.settings, endpoint=storage.settings.endpoint + "/elsewhere"))
    assert await reason(store.get(name)) in ("not_configured", "refused")


async def test_a_stopped_server_and_its_return(storage: Storage) -> None:
    """While the server is away objects are unavailable; when it is back, everything that was kept is there."""
    store, name, later = S3Objects(storage.settings), key(), key()
    await store.put(name, b"kept")
    storage.stop()
    try:
        for act in (store.get(name), store.put(later, b"1"), store.delete(name), store.check()):
            assert await reason(act) == "unavailable"
    finally:
        storage.start()
    assert await store.get(name) == b"kept"
    assert await store.get(later) is None
    await store.put(later, b"1")
    await store.check()


async def test_a_hanging_server(storage: Storage) -> None:
    """A server that answers nothing costs the deadline and no more, and is asked again afterwards."""
    store, name = S3Objects(replace(storage.settings, deadline=timedelta(seconds=0.5))), key()
    await S3Objects(storage.settings).put(name, b"kept")
    with storage.hanging():
        acts = (store.get(name), store.put(key(), b"1"), store.delete(key()), store.check())
        async with asyncio.timeout(30):
            assert [await reason(act) for act in acts] == ["timed_out"] * 4
    assert await S3Objects(storage.settings).get(name) == b"kept"


async def test_a_cancelled_call(storage: Storage) -> None:
    """Who stops waiting gets its cancellation, and the store serves on."""
    store, name = S3Objects(storage.settings), key()
    await store.put(name, b"kept")
    with storage.hanging():
        task = asyncio.create_task(store.get(name))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await store.get(name) == b"kept"


async def test_the_environment_has_no_say(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither AWS_* variables nor proxies change where requests go, how they are signed or what is trusted."""
    nowhere = "http://127.0.0.1:1"
    for variable in ("ENDPOINT", "ENDPOINT_URL", "ENDPOINT_URL_S3", "METADATA_ENDPOINT", "PROXY_URL"):
        monkeypatch.setenv(f"AWS_{variable}", nowhere)
    for variable in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, nowhere)
    for variable in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "REGION", "DEFAULT_REGION", "BUCKET"):
        monkeypatch.setenv(f"AWS_{variable}", "elsewhere")
    for variable in ("S3_EXPRESS", "SKIP_SIGNATURE", "REQUEST_PAYER", "UNSIGNED_PAYLOAD", "ALLOW_INVALID_CERTIFICATES"):
        monkeypatch.setenv(f"AWS_{variable}", "true")
    store, name = S3Objects(storage.settings), key()
    await store.put(name, b"kept")
    assert await store.get(name) == b"kept"
    await store.delete(name)


async def test_the_same_bytes_again(storage: Storage) -> None:
    """A write whose answer was lost may be repeated as it was; another content does not take its place."""
    store, name = S3Objects(storage.settings), key()
    await store.put(name, b"kept")
    await store.put(name, b"kept")
    with pytest.raises(ObjectExists):
        await store.put(name, b"another")
    assert await store.get(name) == b"kept"


async def test_a_bucket_with_another_probe_is_refused(storage: Storage) -> None:
    """The check leaves one object in the bucket, and refuses a bucket in which that is another's."""
    store = S3Objects(storage.settings)
    await store.check()
    await store.check()
    storage.request("PUT", f"/{BUCKET}/check", b"not the probe")
    assert await reason(store.check()) == "not_configured"
    storage.request("DELETE", f"/{BUCKET}/check")
    await store.check()


async def test_a_storage_that_overwrites_is_refused() -> None:
    """A server that takes every write, also of a name that it has, passes no check."""
    demanded = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        demanded.append("if-none-match: *" in head)
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        writer.write(b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        account = ("a", SECRET, "", timedelta(seconds=20), 1)
        store = S3Objects(S3Settings(f"http://127.0.0.1:{port}", "us-east-1", BUCKET, *account))
        assert await reason(store.check()) == "not_configured"
    assert demanded == [True, True]


def certificate(path: Path) -> str:
    """Writes a certificate for 127.0.0.1 with its key to a file, and gives that of the authority that issued it."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    issuer, subject = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("authority", "storage"))

    def issue(to: x509.Name, holder: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType) -> bytes:
        builder = x509.CertificateBuilder().subject_name(to).issuer_name(issuer).public_key(holder.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    secret = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    path.write_bytes(issue(subject, server, address) + secret)
    return issue(issuer, authority, x509.BasicConstraints(ca=True, path_length=None)).decode()


async def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is trusted with its own authority's certificate and not without, whatever a variable says."""
    monkeypatch.setenv("AWS_ALLOW_INVALID_CERTIFICATES", "true")
    path = tmp_path / "server.pem"
    authority, another = certificate(path), certificate(tmp_path / "another.pem")
    with object_storage(tmp_path / "data", path) as server:
        settings, name = server.settings, key()
        assert settings.endpoint.startswith("https://")
        assert await reason(S3Objects(settings).get(name)) == "unavailable"
        assert await reason(S3Objects(replace(settings, ca=another)).get(name)) == "unavailable"
        trusting = S3Objects(replace(settings, ca=authority))
        await trusting.put(name, b"kept")
        assert await trusting.get(name) == b"kept"


def test_settings_that_are_no_storage() -> None:
    """What obstore does not take is the configuration's fault, and says nothing of what it was."""
    settings = S3Settings("https://127.0.0.1:1", "us-east-1", BUCKET, "a", SECRET, "no certificate", timedelta(1), 1)
    with pytest.raises(ObjectsUnavailable) as caught:
        S3Objects(settings)
    assert caught.value.reason == "not_configured"
    assert SECRET not in repr(settings)


def test_the_library_is_loaded_only_where_it_is_used() -> None:
    """Commands, and a gateway that keeps objects in a folder, start without obstore."""
    code = "import sys, gateway.app, gateway.cli.main, gateway.objects.opening; sys.exit('obstore' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
