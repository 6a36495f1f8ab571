"""The mock witness, asked as C2SP tlog-witness says."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mocks.witness import build, make_credentials
from signing.cosignatures import find_cosignature, parse_witness_vkey
from signing.encoding import base64_standard
from signing.merkle import consistency_proof, leaf_hash, root
from signing.notes import Checkpoint, NoteSigner

ORIGIN = "log.test.example/access"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
LEAVES = [leaf_hash(bytes([n])) for n in range(20)]
AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def _client(folder: Path) -> httpx.AsyncClient:
    app = build(make_credentials(folder), logs=[SIGNER.vkey], memory=folder / "seen.json", now=lambda: AT)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://witness.test")


@pytest_asyncio.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of one witness."""
    async with _client(tmp_path) as opened:
        yield opened


def _request(
    old: int, leaves: Sequence[bytes], *, proof: Sequence[bytes] | None = None, signer: NoteSigner = SIGNER
) -> bytes:
    body = Checkpoint(signer.name, len(leaves), root(leaves)).body()
    hashes = consistency_proof(old, leaves) if proof is None else proof
    lines = "".join(f"{base64_standard(one)}\n" for one in hashes)
    return f"old {old}\n{lines}\n{signer.sign(body)}".encode()


async def _asked(client: httpx.AsyncClient, data: bytes) -> httpx.Response:
    return await client.post("/add-checkpoint", content=data)


async def test_a_tree_that_grows_is_cosigned(tmp_path: Path, client: httpx.AsyncClient) -> None:
    """Each answer is a cosignature of the tree that was sent; the same tree may be sent again."""
    key = parse_witness_vkey((tmp_path / "vkey").read_text("utf-8"))
    old = 0
    for size in (1, 2, 2, 3, 7, 8, 8, 13, 20):
        answer = await _asked(client, _request(old, LEAVES[:size]))
        assert answer.status_code == 200
        body = Checkpoint(ORIGIN, size, root(LEAVES[:size])).body()
        assert find_cosignature(answer.text, body, key)[1] == int(AT.timestamp())
        old = size


async def test_what_it_saw_outlives_it(tmp_path: Path) -> None:
    """A witness started anew over the same folder has the same key and knows where it stood."""
    async with _client(tmp_path) as client:
        assert (await _asked(client, _request(0, LEAVES[:5]))).status_code == 200
    async with _client(tmp_path) as client:
        conflict = await _asked(client, _request(0, LEAVES[:9]))
        assert (conflict.status_code, conflict.text) == (409, "5\n")
        assert conflict.headers["content-type"].partition(";")[0] == "text/x.tlog.size"
        assert (await _asked(client, _request(5, LEAVES[:9]))).status_code == 200


async def test_another_history_is_not_cosigned(client: httpx.AsyncClient) -> None:
    """A tree that does not extend the one it saw: larger, equally large, or without a proof."""
    assert (await _asked(client, _request(0, LEAVES[:5]))).status_code == 200
    other = [*LEAVES[:4], *LEAVES[10:16]]
    assert (await _asked(client, _request(5, other))).status_code == 422
    assert (await _asked(client, _request(5, other[:5]))).status_code == 409
    assert (await _asked(client, _request(5, LEAVES[:9], proof=[]))).status_code == 422
    spoilt = [bytes(32), *consistency_proof(5, LEAVES[:9])[1:]]
    assert (await _asked(client, _request(5, LEAVES[:9], proof=spoilt))).status_code == 422
    assert (await _asked(client, _request(5, LEAVES[:9]))).status_code == 200


async def test_the_log_and_its_key_have_to_be_known(client: httpx.AsyncClient) -> None:
    """404 for another origin, 403 for another key under the same name."""
    key = Ed25519PrivateKey.generate()
    assert (await _asked(client, _request(0, LEAVES, signer=NoteSigner("else.example", key)))).status_code == 404
    assert (await _asked(client, _request(0, LEAVES, signer=NoteSigner(ORIGIN, key)))).status_code == 403


async def test_what_is_no_request_is_refused(client: httpx.AsyncClient) -> None:
    """400 for rubbish and for an old tree that is larger; 413 beyond any request."""
    good = _request(0, LEAVES)
    too_old = good.replace(b"old 0", b"old 21", 1)
    wrong = [b"", b"\xff", b"old\n\n", good.replace(b"old", b"new", 1), good.replace(b"old 0", b"old 00", 1), too_old]
    for data in [*wrong, good[:-20]]:
        assert (await _asked(client, data)).status_code == 400
    assert (await _asked(client, b"old 0\n" * 20_000)).status_code == 413


async def test_the_variant_without_memory_starts_from_nothing_each_time(client: httpx.AsyncClient) -> None:
    """It states size 0 to whoever says otherwise, and cosigns any first tree."""
    await client.post("/_mock/variant", json={"preset": "forgetful"})
    for _ in range(2):
        assert (await _asked(client, _request(0, LEAVES[:5]))).status_code == 200
    assert (await _asked(client, _request(5, LEAVES[:9]))).text == "0\n"
