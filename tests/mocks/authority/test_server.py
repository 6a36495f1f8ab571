"""The mock authority, asked by openssl's own client commands."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from mocks.authority import build, make_credentials
from mocks.faults import Fault

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
HEADERS = {"content-type": "application/timestamp-query"}


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an authority whose files lie under `tmp_path`."""
    app = build(make_credentials(tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://tsa.test") as opened:
        yield opened


def _query(folder: Path) -> bytes:
    (folder / "data").write_text("what was there\n")
    subprocess.run(
        ["openssl", "ts", "-query", "-data", folder / "data", "-sha256", "-cert", "-out", folder / "asked.tsq"],
        check=True,
        capture_output=True,
    )
    return (folder / "asked.tsq").read_bytes()


def _verifies(folder: Path, reply: bytes) -> bool:
    (folder / "made.tsr").write_bytes(reply)
    asked = ["-queryfile", folder / "asked.tsq", "-in", folder / "made.tsr", "-CAfile", folder / "ca.pem"]
    return subprocess.run(["openssl", "ts", "-verify", *asked], capture_output=True, check=False).returncode == 0


async def test_a_request_is_answered_with_a_token(tmp_path: Path, client: httpx.AsyncClient) -> None:
    """It verifies against the request and the root; each has a serial number of its own."""
    replies = [await client.post("/tsa", content=_query(tmp_path), headers=HEADERS) for _ in range(2)]
    assert replies[0].content != replies[1].content
    assert replies[1].headers["content-type"] == "application/timestamp-reply"
    assert _verifies(tmp_path, replies[1].content)


@pytest.mark.parametrize("fault", [Fault.WRONG_REQUEST, Fault.WRONG_SUBJECT, Fault.WRONG_KEY])
async def test_a_fault_makes_a_token_for_something_else(
    tmp_path: Path, client: httpx.AsyncClient, fault: Fault
) -> None:
    """A real token that does not answer the request, or is nobody's."""
    query = _query(tmp_path)
    await client.post("/_mock/fault", json={"fault": fault})
    reply = await client.post("/tsa", content=query, headers=HEADERS)
    assert reply.status_code == 200
    assert not _verifies(tmp_path, reply.content)


async def test_what_is_no_request_is_refused(client: httpx.AsyncClient) -> None:
    """By content type, by length, and by openssl."""
    assert (await client.post("/tsa", content=b"x")).status_code == 415
    assert (await client.post("/tsa", content=b"x" * 20_000, headers=HEADERS)).status_code == 413
    reply = await client.post("/tsa", content=b"x", headers=HEADERS)
    assert reply.status_code == 400 or b"\x30" in reply.content[:1]
