"""The log's public part over real sockets: what anyone may fetch, what nobody gets, what it does not cost others."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from gateway.api import log as public_log
from gateway.client import GatewayClient, Receipt
from signing import merkle, notes, proofs, tiles
from signing.encoding import base64_standard
from signing.notes import Checkpoint
from signing.response import HEADER
from tests.helpers.stack import PERSON, RESIDENCE, Stack, gateway, stack

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHO: Mapping[str, Any] = PERSON
PURPOSE = {"procedure": RESIDENCE, "dossier": "H14-20261122-0000001", "officer": "officer-07", "basis": "law"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def up(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A gateway whose log spans two tiles and a bit."""
    async with stack(tmp_path_factory.mktemp("stack")) as made:
        for _ in range(6):
            await asyncio.gather(*(made.call("/v1/procedures", method="GET") for _ in range(90)))
        yield made


def client(running: Stack) -> GatewayClient:
    """The SDK for the first portal."""
    return GatewayClient(running.base_url, iss="H14", signer=running.portals["H14"].signer, purpose=PURPOSE)


async def get(running: Stack, path: str) -> httpx.Response:
    """An unsigned GET, as any cache would send it."""
    return await running.http.get(f"{running.base_url}/v1/log/{path}")


async def newest(running: Stack) -> Checkpoint:
    """The newest checkpoint, verified with the key in the metadata."""
    said = (await running.http.get(f"{running.base_url}/.well-known/gateway")).json()["log"]
    note = (await running.http.get(said["checkpoint"])).text
    return notes.open_checkpoint(note, notes.parse_vkey(said["public_key"]), origin=said["origin"])


async def test_the_checkpoint(up: Stack) -> None:
    """The newest note is text, kept for a moment only, and signed by the log alone."""
    answer = await get(up, "checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert HEADER not in answer.headers
    assert answer.text == up.gateway.log.checkpoint()
    assert (await newest(up)).size > 513


async def test_a_new_entry_is_in_the_next_checkpoint(up: Stack) -> None:
    """As soon as an answer has left, its batch is in the newest checkpoint."""
    async with client(up) as portal:
        receipt = (await portal.procedures()).receipt
    assert receipt is not None
    assert (await get(up, "checkpoint")).text == receipt.checkpoint


async def test_every_tile_of_the_tree(up: Stack) -> None:
    """All tiles can be fetched, may be kept for ever, and lead to the checkpoint's root."""
    checkpoint = await newest(up)
    held = {}
    for tile in tiles.all_of(checkpoint.size):
        answer = await get(up, f"tile/{tile.path}")
        assert (answer.status_code, len(answer.content)) == (200, 32 * tile.width)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert HEADER not in answer.headers
        held[tile] = answer.content
    assert len(held) == 4
    assert tiles.verified(held, size=checkpoint.size, head=checkpoint.root).root() == checkpoint.root


async def test_partial_tiles_of_earlier_trees(up: Stack) -> None:
    """A tile is there in every width it ever had, the same hashes from its beginning."""
    full = (await get(up, "tile/0/001")).content
    for width in (1, 2, 128, 254, 255):
        assert (await get(up, f"tile/0/001.p/{width}")).content == full[: 32 * width]
    last = (await newest(up)).size % 256
    assert (await get(up, f"tile/0/002.p/{last}")).status_code == 200
    for path in (f"tile/0/002.p/{last + 1}", "tile/0/002", "tile/0/003.p/1", "tile/1/000.p/3", "tile/2/000.p/1"):
        answer = await get(up, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "tile",
        "tile/",
        "tile/0",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/000/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/%30%30%30",
        "tile/0/000%0a",
        "tile%2f0%2f000",
        "entries/%30/proof",
        "entries/0/proof%0a",
        "checkpoint%0a",
        "tile/entries/000",
        "tile/entries/000.p/5",
        "tile/0/../entries/000",
        "checkpoint/",
        "entries/0",
        "entries/0/proof/",
        "entries//proof",
        "entries/-1/proof",
        "entries/00/proof",
        "entries/x/proof",
        "entries/1e1/proof",
        "entries/٠/proof",
        "entries/99999999/proof",
        "entries/9999999999999999999999/proof",
        "entries/0/content",
        "",
    ],
)
async def test_other_addresses_are_not_there(up: Stack, path: str) -> None:
    """No other spelling and nothing else is served, entries least of all; the problem is signed and not kept."""
    answer = await get(up, path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["cache-control"] == "no-store"
    assert HEADER in answer.headers


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoint?", None),
        ("checkpoint?size=1", "query_not_allowed"),
        ("tile/0/000?x", "query_not_allowed"),
        ("entries/0/proof?", None),
        ("entries/0/proof?size=1", None),
        ("entries/0/proof?size=", "value_invalid"),
        ("entries/0/proof?size=01", "value_invalid"),
        ("entries/0/proof?size=-1", "value_invalid"),
        ("entries/0/proof?size=%31", "value_invalid"),
        ("entries/0/proof?size=1&size=1", "query_not_allowed"),
        ("entries/0/proof?size=1&x=1", "query_not_allowed"),
        ("entries/0/proof?Size=1", "query_not_allowed"),
        ("entries/0/proof?personal_id=004192000123", "query_not_allowed"),
        ("entries/0/proof?size=1111111111111111111111", "value_invalid"),
        ("entries/0/proof?size=0", "not_found"),
        ("entries/1/proof?size=1", "not_found"),
        ("entries/0/proof?size=99999999", "not_found"),
    ],
)
async def test_queries(up: Stack, path: str, code: str | None) -> None:
    """Only a proof takes a parameter, only `size`, once, in plain digits; what was sent is not repeated."""
    answer = await get(up, path)
    if code is None:
        assert answer.status_code == 200
    else:
        assert answer.json()["code"] == code
        assert "004192000123" not in answer.text
        assert HEADER in answer.headers


async def test_other_methods(up: Stack) -> None:
    """Reading is all there is."""
    for path in ("checkpoint", "tile/0/000", "entries/0/proof"):
        answer = await up.http.post(f"{up.base_url}/v1/log/{path}", json={})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert "GET" in answer.headers["allow"]


async def test_proofs_against_the_newest_and_an_earlier_tree(up: Stack) -> None:
    """Every receipt's entry is proved in the newest tree, and, to be kept for ever, in that of its own checkpoint."""
    async with client(up) as portal:
        receipts = [a.receipt for a in await asyncio.gather(*(portal.procedures() for _ in range(5)))]
        key = (await portal.trust()).log_key
    for receipt in receipts:
        assert isinstance(receipt, Receipt)
        for query, keep in (
            ("", "public, max-age=1"),
            (f"?size={receipt.size}", "public, max-age=31536000, immutable"),
        ):
            answer = await get(up, f"entries/{receipt.index}/proof{query}")
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["cache-control"] == keep
            assert HEADER not in answer.headers
            checkpoint = proofs.verify(proofs.parse(answer.text), receipt.leaf, key, origin=receipt.origin)
            assert checkpoint.size == receipt.size if query else checkpoint.size >= receipt.size


async def test_the_sdk_proves_an_answer(up: Stack) -> None:
    """`prove` ends with a proof that anyone can verify offline, also long after and many entries later."""
    async with client(up) as portal:
        answer = await portal.verify_person(**WHO)
        early = await portal.prove(answer)
        for _ in range(3):
            await asyncio.gather(*(portal.procedures() for _ in range(40)))
        late = await portal.prove(answer)
        key = (await portal.trust()).log_key
    assert answer.receipt is not None
    assert early.receipt == late.receipt == answer.receipt
    assert early.size < late.size
    for proof in (early, late):
        checkpoint = proofs.verify(proofs.parse(proof.text), proof.receipt.leaf, key, origin=proof.receipt.origin)
        assert (checkpoint.size, checkpoint.root) == (proof.size, proof.root)


async def test_a_stranger_learns_nothing_of_an_entry(up: Stack) -> None:
    """What is open holds hashes and signatures: no envelope, no portal, no dossier, no person."""
    async with client(up) as portal:
        receipt = (await portal.lookup_person(**WHO)).receipt
    assert receipt is not None
    size = (await newest(up)).size
    paths = ["checkpoint", f"entries/{receipt.index}/proof", *(f"tile/{tile.path}" for tile in tiles.all_of(size))]
    published = b"".join([(await get(up, path)).content for path in paths])
    secret = (*PERSON.values(), PURPOSE["dossier"], PURPOSE["officer"], "H14-test")
    assert not [word for word in secret if word.encode() in published]
    assert base64_standard(receipt.leaf).encode() not in (await get(up, "checkpoint")).content


async def test_a_stopping_gateway_says_so(up: Stack) -> None:
    """While a gateway drains, its log answers like every call: try again, another one answers."""
    up.gateway.state.draining = True
    try:
        answer = await get(up, "checkpoint")
    finally:
        up.gateway.state.draining = False
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "draining", "1")


async def test_a_crowd_at_the_log_does_not_stop_signed_calls(tmp_path: Path) -> None:
    """More reads than the bound allows are told to come back, while every signed call is answered."""
    async with stack(tmp_path) as running, client(running) as portal:
        world = running.gateway.state.world
        still = world.clock()
        running.gateway.state.world = replace(world, clock=lambda: still)  # the bound fills up again with time

        async def crowd() -> list[httpx.Response]:
            return [await get(running, "entries/0/proof") for _ in range(60)]

        crowds = asyncio.gather(*(crowd() for _ in range(5)))
        calls = await asyncio.gather(*(portal.procedures() for _ in range(20)))
        seen = [answer for some in await crowds for answer in some]
        refused = [answer for answer in seen if answer.status_code == 503]
        assert {answer.status_code for answer in seen} == {200, 503}
        assert {(a.json()["code"], a.headers["retry-after"]) for a in refused} == {("overloaded", "1")}
        assert len(seen) - len(refused) == public_log.BURST // public_log.PROOF_COST
        assert [call.document for call in calls] == [calls[0].document] * 20
        lines = (await running.http.get(f"{running.ops_url}/metrics")).text
        assert "overloaded" in lines


async def test_another_process_on_the_store_is_seen(tmp_path: Path) -> None:
    """A second gateway on the same store: each publishes what the other wrote."""
    async with stack(tmp_path) as running, gateway(running.load()) as (_, other_url, _):
        async with client(running) as portal:
            receipt = (await portal.procedures()).receipt
        assert receipt is not None
        note = (await running.http.get(f"{other_url}/v1/log/checkpoint")).text
        assert note == receipt.checkpoint
        text = (await running.http.get(f"{other_url}/v1/log/entries/{receipt.index}/proof")).text
        assert proofs.parse(text).index == receipt.index


async def test_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    """A store that went away is log_unavailable, signed, with Retry-After; nothing of the engine's words leaves."""
    async with stack(tmp_path) as running:
        store = running.data_dir / "log" / "log.sqlite"
        for name in ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm"):
            (store.parent / name).rename(store.parent / f"{name}.away")
        answer = await get(running, "checkpoint")
        assert (answer.status_code, answer.json()["code"]) == (503, "log_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        assert "sqlite" not in answer.text.lower()
        for name in ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm"):
            (store.parent / f"{name}.away").rename(store.parent / name)
        assert (await get(running, "checkpoint")).status_code == 200


async def test_the_metadata_says_where(up: Stack) -> None:
    """The well-known document names the checkpoint and the templates of tiles and proofs."""
    said = json.loads((await up.http.get(f"{up.base_url}/.well-known/gateway")).content)["log"]
    tile = said["tile"].replace("{level}", "0").replace("{+index}", "000")
    proof = said["proof"].replace("{index}", "0").replace("{?size}", "?size=1")
    assert (await up.http.get(tile)).status_code == 200
    text = (await up.http.get(proof)).text
    leaf = (await up.http.get(tile)).content[:32]
    merkle.verify_inclusion(leaf, index=0, size=1, proof=proofs.parse(text).hashes, root=leaf)
