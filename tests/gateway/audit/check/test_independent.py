"""The checker's own Merkle and note code against the writer's: two implementations, one answer."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.check.note import open_checkpoint, parse_key
from gateway.audit.check.tree import Growing, climbed, leaf
from signing import merkle
from signing.notes import Checkpoint, NoteSigner, add_signatures

SIGNER = NoteSigner("log.test.example/access", Ed25519PrivateKey.generate())
ROOT = sha256(b"root").digest()


def test_heads_agree_at_every_size() -> None:
    """Both trees have the same root after each leaf, over the edges of tiles as well."""
    growing, leaves = Growing(), list[bytes]()
    assert growing.head() == merkle.EMPTY_ROOT
    for number in range(1100):
        entry = b"entry %d" % number
        leaves.append(leaf(entry))
        assert leaf(entry) == merkle.leaf_hash(entry)
        for level, n, data in growing.add(leaves[-1]):
            assert (level, data) == (0, b"".join(leaves[n * 256 : (n + 1) * 256]))
        assert growing.head() == merkle.root(leaves)


def test_heads_agree_beyond_a_tile_of_tiles() -> None:
    """Both trees agree around 65,536 leaves, where a second level of tiles begins."""
    growing, frontier = Growing(), merkle.Frontier()
    tiles = []
    for number in range(65_800):
        one = sha256(b"%d" % number).digest()
        frontier = frontier.append(one)
        tiles += [(level, n) for level, n, _ in growing.add(one)]
        if number > 65_530 and number % 7 == 0:
            assert growing.head() == frontier.root()
    assert tiles.count((1, 0)) == 1
    assert len(tiles) == 258


def test_inclusion_proofs_agree() -> None:
    """Every inclusion proof of every tree to 70 leaves leads the checker to the writer's root, and no other does."""
    leaves = [sha256(b"%d" % number).digest() for number in range(70)]
    for size in range(1, 71):
        root = merkle.root(leaves[:size])
        for index in range(size):
            proof = merkle.inclusion_proof(index, leaves[:size])
            assert climbed(leaves[index], index, size, proof) == root
            assert climbed(ROOT, index, size, proof) != root
            for wrong in (proof[1:] if proof else [ROOT], [*proof, ROOT]):
                with pytest.raises(ValueError, match="hashes than the way"):
                    climbed(leaves[index], index, size, wrong)
    with pytest.raises(ValueError, match="no such entry"):
        climbed(ROOT, 5, 5, [])


def test_note_of_the_writer_is_read_by_the_checker() -> None:
    """A checkpoint signed by one implementation is verified and read by the other."""
    note = SIGNER.sign(Checkpoint(SIGNER.name, 42, ROOT).body())
    found = open_checkpoint(note, parse_key(SIGNER.vkey))

    assert (found.origin, found.size, found.root) == (SIGNER.name, 42, ROOT)


def test_any_changed_character_of_a_note_is_refused() -> None:
    """No single changed character leaves a note good."""
    key = parse_key(SIGNER.vkey)
    note = SIGNER.sign(Checkpoint(SIGNER.name, 42, ROOT).body())
    for place, character in enumerate(note):
        other = "A" if character != "A" else "B"
        with pytest.raises(ValueError, match=r"note|signature|key|base64|checkpoint"):
            open_checkpoint(note[:place] + other + note[place + 1 :], key)


def test_line_of_an_unknown_key_is_ignored() -> None:
    """A witness's signature beside the log's own does not disturb."""
    body = Checkpoint(SIGNER.name, 7, ROOT).body()
    witness = NoteSigner("witness.example", Ed25519PrivateKey.generate())
    note = add_signatures(body, [witness.signature_line(body), SIGNER.signature_line(body)])

    assert open_checkpoint(note, parse_key(SIGNER.vkey)).size == 7
    with pytest.raises(ValueError, match="not signed by the given key"):
        open_checkpoint(note, parse_key(NoteSigner("x", Ed25519PrivateKey.generate()).vkey))


@pytest.mark.parametrize(
    "lines",
    [
        ("other.example", "1", "root"),
        (SIGNER.name, "01", "root"),
        (SIGNER.name, "-1", "root"),
        (SIGNER.name, "x", "root"),
        (SIGNER.name, "1", "AAAA"),
        (SIGNER.name, "1"),
    ],
)
def test_signed_but_senseless_checkpoint_is_refused(lines: tuple[str, ...]) -> None:
    """A good signature does not make a checkpoint of another log, or of no size or root, acceptable."""
    import base64

    text = [base64.b64encode(ROOT).decode() if line == "root" else line for line in lines]
    note = SIGNER.sign("".join(f"{line}\n" for line in text))
    with pytest.raises(ValueError, match="checkpoint"):
        open_checkpoint(note, parse_key(SIGNER.vkey))


@pytest.mark.parametrize("change", ["", "x+y", "name+00000000+AAAA"])
def test_unusable_key_is_refused(change: str) -> None:
    """Text that is no vkey is refused with a sentence."""
    with pytest.raises(ValueError, match="public key"):
        parse_key(change)


def test_mistyped_key_is_refused() -> None:
    """A vkey whose id does not follow from its bytes is recognised as a copying mistake."""
    name, identity, rest = SIGNER.vkey.split("+", 2)
    with pytest.raises(ValueError, match="copying mistake"):
        parse_key(f"{name}2+{identity}+{rest}")
