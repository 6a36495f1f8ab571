"""Is the entry of a receipt in the log, and is the log still the one that gave the receipt?

Rule of this file: two things are asked of the gateway, a proof and hash tiles, and neither is believed. The proof must
lead from the receipt's own leaf to a checkpoint the log signed; the tiles must lead to that checkpoint, and the proof
made of them from one checkpoint to the other. A log that shows one history to a portal and another to someone else
cannot do both: what it signed is then in the error, as evidence.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from gateway.client.answer import InclusionProof, Receipt
from gateway.client.errors import AnswerNotTrusted
from signing import merkle, proofs
from signing.errors import NoteMalformed, NoteUntrusted, ProofInvalid
from signing.notes import Checkpoint, NoteKey
from signing.tiles import TileTree, needed, verified

_OK = 200
PROOF_PATH = "/v1/log/entries/{index}/proof"
TILE_PATH = "/v1/log/tile/"

Fetch = Callable[[str], Awaitable[bytes]]
"""The bytes at a path below the gateway's address."""


@dataclass(frozen=True, slots=True)
class TileReader:
    """The hashes of one tree, fetched as tiles and held against its checkpoint, which the caller has verified."""

    fetch: Fetch
    checkpoint: Checkpoint

    async def tree(self, ranges: Iterable[tuple[int, int]]) -> TileTree:
        """The tree, good for the roots of these ranges. All tiles are fetched side by side.

        Raises `ProofInvalid` when a tile does not belong to the checkpoint's tree, and what `fetch` raises.
        """
        wanted = needed(ranges, self.checkpoint.size)
        found = await asyncio.gather(*(self.fetch(TILE_PATH + tile.path) for tile in wanted))
        data = dict(zip(wanted, found, strict=True))
        return verified(data, size=self.checkpoint.size, head=self.checkpoint.root)


def included(text: str, receipt: Receipt, key: NoteKey) -> tuple[InclusionProof, Checkpoint]:
    """The proof in a text, held against a receipt. Raises `AnswerNotTrusted`."""
    try:
        proof = proofs.parse(text)
        checkpoint = proofs.verify(proof, receipt.leaf, key, origin=receipt.origin)
    except (NoteMalformed, NoteUntrusted) as error:
        raise AnswerNotTrusted("checkpoint_untrusted", error.detail, status=_OK) from None
    except ProofInvalid as error:
        raise AnswerNotTrusted("proof_invalid", error.detail, status=_OK) from None
    if proof.index != receipt.index:
        raise AnswerNotTrusted("proof_invalid", "the proof is one for another entry", status=_OK)
    return InclusionProof(receipt, proof.checkpoint, checkpoint.size, checkpoint.root, text), checkpoint


async def consistent(receipt: Receipt, note: str, newer: Checkpoint, fetch: Fetch) -> None:
    """Is one of the two trees, the receipt's and that of `note`, the beginning of the other? RFC 9162 section 2.1.4.

    Raises `AnswerNotTrusted`, with both notes as evidence when the log signed two histories.
    """
    older = Checkpoint(receipt.origin, receipt.size, receipt.root)
    if older.size > newer.size:  # from a cache, a little behind
        older, newer = newer, older
    ranges = merkle.consistency_ranges(older.size, newer.size)
    try:
        hashes = merkle.hashes_of(ranges, (await TileReader(fetch, newer).tree(ranges)).subtree) if ranges else []
        merkle.verify_consistency(
            old_size=older.size, old_root=older.root, size=newer.size, root=newer.root, proof=hashes
        )
    except ProofInvalid as error:
        raise AnswerNotTrusted(
            "log_inconsistent", error.detail, status=_OK, evidence=(receipt.checkpoint, note)
        ) from None
