"""A fake gateway whose log has an open part: as honest as its fields let it be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import httpx

from gateway.client import Receipt
from signing import merkle, tiles
from signing.encoding import base64_standard
from signing.notes import Checkpoint, NoteSigner
from signing.proofs import InclusionProof
from signing.tiles import TileTree
from tests.gateway.client.fake import ORIGIN, Fake, log_signer

LEAVES = [sha256(b"%d" % n).digest() for n in range(700)]
OTHERS = [sha256(b"other %d" % n).digest() for n in range(700)]


def checkpoint(leaves: Sequence[bytes], signer: NoteSigner | None = None) -> str:
    """The signed note over some leaves."""
    return (signer or log_signer()).sign(Checkpoint(ORIGIN, len(leaves), merkle.root(leaves)).body())


def receipt(index: int, leaves: Sequence[bytes]) -> Receipt:
    """A verified receipt for an entry of the tree of these leaves."""
    return Receipt(ORIGIN, index, leaves[index], checkpoint(leaves), len(leaves), merkle.root(leaves))


@dataclass
class OpenLog:
    """A handler for MockTransport. `leaves`: the log as it shows itself; the rest is what to do otherwise.

    `tile`: spoils the bytes of a tile; `proof`: spoils the text of a proof; `status`: of the log's answers.
    """

    leaves: Sequence[bytes]
    fake: Fake = field(default_factory=Fake)
    signer: NoteSigner = field(default_factory=log_signer)
    tile: Callable[[str, bytes], bytes] = lambda _, data: data
    proof: Callable[[str], str] = lambda text: text
    status: int = 200
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request."""
        _, _, path = request.url.path.partition("/v1/log/")
        if not path:
            return self.fake(request)
        assert "Authorization" not in request.headers
        self.asked.append(path)
        if self.status != 200:
            self.fake.requests.append(request)
            problem = {"code": "not_found" if self.status == 404 else "overloaded", "fault": "gateway", "detail": "x"}
            return self.fake._signed(request, self.status, problem, recorded=False)
        if path.startswith("tile/"):
            name = path.removeprefix("tile/")
            return httpx.Response(200, content=self.tile(name, self._tile(name)))
        return httpx.Response(200, text=self.proof(self._proof(int(path.split("/")[1]))))

    def entry(self, index: int, leaves: Sequence[bytes]) -> "OpenLog":
        """The fake with answers whose receipt names this entry of the tree of these leaves."""
        said = {"index": index, "leaf": base64_standard(leaves[index]), "checkpoint": checkpoint(leaves)}
        self.fake.entry = said
        return self

    def _tile(self, name: str) -> bytes:
        wanted = tiles.parse(name)
        if wanted.level == 0:
            return b"".join(self.leaves[256 * wanted.n :][: wanted.width])
        whole = [merkle.root(self.leaves[256 * n : 256 * n + 256]) for n in range(len(self.leaves) // 256)]
        return b"".join(whole[256 * wanted.n :][: wanted.width])

    def _proof(self, index: int) -> str:
        tree = TileTree(len(self.leaves), lambda tile: self._tile(tile.path))
        hashes = merkle.hashes_of(merkle.inclusion_ranges(index, len(self.leaves)), tree.subtree)
        return InclusionProof(index, tuple(hashes), checkpoint(self.leaves, self.signer)).text()
