"""Proofs of receipts: what the client fetches, what it believes, and how a log that lies is found out."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.client import AnswerNotTrusted, Problem, Receipt, Unreachable
from signing import algorithms, merkle, proofs
from signing.keys import KeySigner
from signing.notes import Checkpoint, NoteSigner
from tests.gateway.client.fake import ORIGIN, PERSON, Fake, client, log_signer
from tests.gateway.client.open_log import LEAVES, OTHERS, OpenLog, checkpoint, receipt

SIZES = [1, 2, 7, 255, 256, 257, 511, 512, 513, 700]


async def refused(log: OpenLog, kept: Receipt, **changes: Any) -> AnswerNotTrusted:
    """Why a receipt is not proved."""
    async with client(log, **changes) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.prove(kept)
    return caught.value


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("now", SIZES)
async def test_receipts_of_every_age_are_proved(size: int, now: int) -> None:
    """A receipt of an earlier, the same or even a later tree than the one shown is proved, over all edges of tiles."""
    index = min(now, size) - 1
    log, kept = OpenLog(LEAVES[:now]), receipt(index, LEAVES[:size])
    # a tree larger than what is shown can be shown all the same: its tiles are there
    log_of_tiles = OpenLog(LEAVES[: max(size, now)])
    log._tile = log_of_tiles._tile  # type: ignore[method-assign]
    async with client(log) as portal:
        proof = await portal.prove(kept)
    assert (proof.receipt, proof.size, proof.root) == (kept, now, merkle.root(LEAVES[:now]))
    assert proof.checkpoint == checkpoint(LEAVES[:now])
    read = proofs.parse(proof.text)
    assert proofs.verify(read, kept.leaf, log_signer().key, origin=ORIGIN).size == now


async def test_an_answer_is_proved_with_few_requests() -> None:
    """From a call to its proof: the proof, and the few tiles between the two trees, each asked for once."""
    log = OpenLog(LEAVES).entry(299, LEAVES[:300])
    async with client(log) as portal:
        answer = await portal.verify_person(**PERSON)
        proof = await portal.prove(answer)
    assert proof.receipt == answer.receipt
    assert sorted(log.asked) == ["entries/299/proof", "tile/0/001", "tile/0/002.p/188", "tile/1/000.p/2"]
    assert [r.url.path for r in log.fake.requests].count("/.well-known/gateway") == 1


async def test_the_same_tree_needs_no_tiles() -> None:
    """Where the proof's checkpoint is the receipt's own there is nothing to compare but the root."""
    log = OpenLog(LEAVES[:300])
    async with client(log) as portal:
        await portal.prove(receipt(5, LEAVES[:300]))
    assert log.asked == ["entries/5/proof"]


async def test_an_answer_without_an_entry_has_no_proof() -> None:
    """What names no log entry cannot be proved, and nothing is asked."""
    log = OpenLog(LEAVES)
    async with client(log) as portal:
        answer = await portal.procedures()
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.prove(replace(answer, receipt=None))
    assert caught.value.code == "entry_missing"
    assert not log.asked


async def test_another_leaf_is_not_proved() -> None:
    """A log that shows another entry at the index of the receipt is found out."""
    shown = [*LEAVES[:5], OTHERS[5], *LEAVES[6:]]
    assert (await refused(OpenLog(shown), receipt(5, LEAVES[:300]))).code == "proof_invalid"


@pytest.mark.parametrize("size", SIZES[1:])
async def test_a_split_view_is_found(size: int) -> None:
    """Two histories under one key, the entry in both: the tiles cannot fit both, and the two notes are the evidence."""
    shown = [*LEAVES[: size - 1], *OTHERS]
    shown[0] = OTHERS[0]
    for now in sorted({size, size + 1, 700} - {1}):
        kept = receipt(size - 1, LEAVES[:size])
        log = OpenLog([*shown[: size - 1], kept.leaf, *shown[size:now]])
        error = await refused(log, kept)
        assert error.code == "log_inconsistent"
        assert error.evidence == (kept.checkpoint, checkpoint(log.leaves))
        assert not any(value in str(error) for value in PERSON.values())


async def test_a_split_view_is_found_by_a_client_of_the_calls() -> None:
    """The same over a call: the answer is right, its receipt is well signed, and still its log is another."""
    shown = [OTHERS[0], *LEAVES[1:]]
    log = OpenLog(shown).entry(299, LEAVES[:300])
    async with client(log) as portal:
        answer = await portal.verify_person(**PERSON)
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.prove(answer)
    assert caught.value.code == "log_inconsistent"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _: "", "proof_invalid"),
        (lambda _: "<html>", "proof_invalid"),
        (lambda t: t.replace("index 5", "index 6"), "proof_invalid"),
        (lambda t: t.replace("index 5", "index 05"), "proof_invalid"),
        (lambda t: t.replace("index 5\n", "index 5\n" + "A" * 43 + "=\n"), "proof_invalid"),
        (lambda t: t.partition("\n\n")[0] + "\n\n" + "rubbish\n", "checkpoint_untrusted"),
        (lambda t: t.partition("\n\n")[0] + "\n\n" + checkpoint(LEAVES[:6]), "proof_invalid"),
        (lambda t: t[:-10] + "AAAA" + t[-6:], "checkpoint_untrusted"),
    ],
)
async def test_spoilt_proofs_are_refused(spoil: Any, code: str) -> None:
    """A text that is no proof, or one for something else, is not believed."""
    assert (await refused(OpenLog(LEAVES[:300], proof=spoil), receipt(5, LEAVES[:9]))).code == code


async def test_a_proof_for_another_entry_with_the_same_leaf() -> None:
    """The index counts too: the same leaf elsewhere is another entry."""
    twice = [*LEAVES[:6], LEAVES[5], *LEAVES[7:300]]
    log = OpenLog(twice)
    log._proof, right = lambda _: right(6), log._proof  # type: ignore[method-assign, assignment]
    error = await refused(log, receipt(5, twice))
    assert (error.code, error.detail) == ("proof_invalid", "the proof is one for another entry")


@pytest.mark.parametrize(
    "signer", [log_signer(2), NoteSigner("other/log", log_signer().private_key), log_signer(3, "other/log")]
)
async def test_checkpoints_of_others_are_refused(signer: NoteSigner) -> None:
    """A proof under a checkpoint of another key or another name is refused."""
    log = OpenLog(LEAVES[:300], signer=signer)
    assert (await refused(log, receipt(5, LEAVES[:9]))).code == "checkpoint_untrusted"


async def test_a_checkpoint_of_another_log_by_the_same_key() -> None:
    """The key may sign for two names: a checkpoint that speaks of another log is refused."""
    body = Checkpoint("another/log", 300, merkle.root(LEAVES[:300])).body()
    log = OpenLog(LEAVES[:300], proof=lambda t: t.partition("\n\n")[0] + "\n\n" + log_signer().sign(body))
    assert (await refused(log, receipt(5, LEAVES[:9]))).code == "checkpoint_untrusted"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[:-1],
        lambda data: data + b"\x00",
        lambda data: bytes(len(data)),
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    ],
)
@pytest.mark.parametrize("which", ["0/000", "0/001", "0/002.p/188", "1/000.p/2"])
async def test_spoilt_tiles_are_refused(spoil: Any, which: str) -> None:
    """Every tile is held against the checkpoint, whatever it is needed for."""
    log = OpenLog(LEAVES, tile=lambda name, data: spoil(data) if name == which else data)
    error = await refused(log, receipt(5, LEAVES[:100] if which == "0/000" else LEAVES[:300]))
    assert error.code == "log_inconsistent"
    assert len(error.evidence) == 2


async def test_an_entry_the_log_no_longer_shows() -> None:
    """A signed 404 for an entry there is a receipt for is the log's failure, not an answer."""
    error = await refused(OpenLog(LEAVES[:5], status=404), receipt(5, LEAVES[:9]))
    assert (error.code, error.status) == ("entry_missing", 404)


async def test_a_gateway_that_is_busy_says_so() -> None:
    """A signed 503 is a problem, to be tried again."""
    async with client(OpenLog(LEAVES, status=503)) as portal:
        with pytest.raises(Problem) as caught:
            await portal.prove(receipt(5, LEAVES[:9]))
    assert (caught.value.status, caught.value.code, caught.value.entry) == (503, "overloaded", None)


async def test_unsigned_failures_are_not_believed() -> None:
    """What a proxy says instead of the gateway proves nothing."""

    def proxy(request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, text="<html>") if "/log/" in request.url.path else fake(request)

    fake = Fake()
    async with client(proxy) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.prove(receipt(5, LEAVES[:9]))
    assert caught.value.code == "signature_missing"


async def test_a_changed_gateway_key_is_fetched_for_a_problem() -> None:
    """A problem under the gateway's new key is believed after one more look at its keys."""
    log = OpenLog(LEAVES, status=503)
    async with client(log) as portal:
        await portal.procedures()
        log.fake.signer = KeySigner("gw-2", "ES256", algorithms.generate("ES256"))
        with pytest.raises(Problem):
            await portal.prove(receipt(5, LEAVES[:9]))


async def test_no_answer_is_unreachable() -> None:
    """A network that fails is told apart from a log that lies."""

    def fails(request: httpx.Request) -> httpx.Response:
        if "/log/" in request.url.path:
            raise httpx.ConnectError("refused")
        return fake(request)

    fake = Fake()
    async with client(fails) as portal:
        with pytest.raises(Unreachable):
            await portal.prove(receipt(5, LEAVES[:9]))


async def test_a_pinned_log_key_is_the_one_that_counts() -> None:
    """With another log key pinned nothing is proved, though the gateway is consistent in itself."""
    stranger = NoteSigner(ORIGIN, Ed25519PrivateKey.generate())
    error = await refused(OpenLog(LEAVES), receipt(5, LEAVES[:9]), log_key=stranger.vkey)
    assert error.code == "log_key_wrong"
