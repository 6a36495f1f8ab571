"""static/tlog.js against the proofs that signing/* makes: what holds is believed, and nothing else."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import merkle
from signing.notes import Checkpoint, NoteSigner
from signing.proofs import InclusionProof
from tests.gateway.console.static.node import Scripts

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100)
SIGNER = NoteSigner("log.example", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
TLOG = "tlog.js"


@dataclass(frozen=True, slots=True)
class _Tree:
    leaves: list[bytes]

    @property
    def root(self) -> bytes:
        return merkle.root(self.leaves)

    def note(self) -> str:
        return SIGNER.sign(Checkpoint(SIGNER.name, len(self.leaves), self.root).body())


def _tree(size: int) -> _Tree:
    return _Tree([merkle.leaf_hash(f"entry {n}".encode()) for n in range(size)])


def _inclusion(tree: _Tree, index: int, /, **changed: Any) -> tuple[str, str, list[Any]]:
    given = {
        "leaf": tree.leaves[index],
        "index": index,
        "size": len(tree.leaves),
        "root": tree.root,
        "hashes": merkle.inclusion_proof(index, tree.leaves),
    }
    return TLOG, "verifyInclusion", [{**given, **changed}]


def _consistency(old: int, tree: _Tree, /, **changed: Any) -> tuple[str, str, list[Any]]:
    given = {
        "oldSize": old,
        "oldRoot": merkle.root(tree.leaves[:old]),
        "size": len(tree.leaves),
        "root": tree.root,
        "hashes": merkle.consistency_proof(old, tree.leaves),
    }
    return TLOG, "verifyConsistency", [{**given, **changed}]


def _flipped(data: bytes, place: int = 0) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_a_leaf_is_the_hash_the_log_stores(scripts: Scripts) -> None:
    """The leaf hash of an entry is that of RFC 9162, for no bytes and for many."""
    entries = [b"", b"\x00", bytes(range(256)) * 200]
    answers = scripts(*((TLOG, "leafHash", [entry]) for entry in entries))
    assert [base64.b64decode(one["value"]["bytes"]) for one in answers] == [merkle.leaf_hash(e) for e in entries]


def test_every_right_inclusion_proof_holds(scripts: Scripts) -> None:
    """Each entry of trees of many shapes is proved."""
    trees = [_tree(size) for size in SIZES]
    cases = [_inclusion(tree, index) for tree in trees for index in range(len(tree.leaves))]
    assert all("value" in answer for answer in scripts(*cases))


def test_a_wrong_inclusion_proof_does_not_hold(scripts: Scripts) -> None:
    """Another leaf, index, size or root, a hash altered, missing or too many: each is caught."""
    tree, index = _tree(33), 20
    hashes = merkle.inclusion_proof(index, tree.leaves)
    cases = [
        _inclusion(tree, index, leaf=_flipped(tree.leaves[index])),
        _inclusion(tree, index, index=index + 1),
        _inclusion(tree, index, size=65),
        _inclusion(tree, index, root=_flipped(tree.root, 31)),
        _inclusion(tree, index, hashes=hashes[:-1]),
        _inclusion(tree, index, hashes=[*hashes, hashes[0]]),
        _inclusion(tree, index, hashes=hashes[::-1]),
        _inclusion(tree, index, index=33),
        _inclusion(tree, index, index=-1),
        _inclusion(tree, index, hashes=[hashes[0][:31], *hashes[1:]]),
        *(
            _inclusion(tree, index, hashes=[*hashes[:n], _flipped(one), *hashes[n + 1 :]])
            for n, one in enumerate(hashes)
        ),
    ]
    answers = scripts(*cases)
    assert [answer.get("thrown") for answer in answers] == ["NotProved"] * len(cases)


def test_every_right_consistency_proof_holds(scripts: Scripts) -> None:
    """Each beginning of trees of many shapes is proved to be one, equal trees without a proof."""
    trees = [_tree(size) for size in SIZES]
    cases = [_consistency(old, tree) for tree in trees for old in range(1, len(tree.leaves) + 1)]
    assert all("value" in answer for answer in scripts(*cases))


def test_a_wrong_consistency_proof_does_not_hold(scripts: Scripts) -> None:
    """A rewritten beginning, a cut log, a spoilt hash, a proof that is none: each is caught."""
    tree, old = _tree(33), 20
    hashes = merkle.consistency_proof(old, tree.leaves)
    rewritten = _Tree([merkle.leaf_hash(b"other"), *tree.leaves[1:]])
    cases = [
        _consistency(old, rewritten, oldRoot=merkle.root(tree.leaves[:old])),
        _consistency(33, tree, oldRoot=rewritten.root),
        _consistency(old, tree, oldRoot=_flipped(merkle.root(tree.leaves[:old]))),
        _consistency(old, tree, root=_flipped(tree.root)),
        _consistency(old, tree, hashes=[]),
        _consistency(old, tree, hashes=hashes[:-1]),
        _consistency(old, tree, hashes=[*hashes, hashes[0]]),
        _consistency(old, tree, oldSize=34),
        _consistency(old, tree, oldSize=0),
        _consistency(16, tree, hashes=[]),
        _consistency(33, tree, hashes=hashes),
        *(_consistency(old, tree, hashes=[*hashes[:n], _flipped(h), *hashes[n + 1 :]]) for n, h in enumerate(hashes)),
    ]
    answers = scripts(*cases)
    assert [answer.get("thrown") for answer in answers] == ["NotProved"] * len(cases)
    assert answers[7]["reason"] == "cut_back"
    assert {answers[0]["reason"], answers[1]["reason"]} == {"two_histories"}


def test_a_signed_checkpoint_is_opened(scripts: Scripts) -> None:
    """A note of this log's key gives its size and root, also beside signatures of others."""
    tree = _tree(5)
    witness = NoteSigner("witness.example", Ed25519PrivateKey.generate())
    body = Checkpoint(SIGNER.name, 5, tree.root).body()
    both = tree.note() + witness.signature_line(body)
    for answer in scripts(
        (TLOG, "openCheckpoint", [tree.note(), SIGNER.vkey]), (TLOG, "openCheckpoint", [both, SIGNER.vkey])
    ):
        assert answer["value"]["size"] == {"whole": "5"}
        assert base64.b64decode(answer["value"]["root"]["bytes"]) == tree.root


def _spoilt_notes(note: str) -> Iterator[tuple[str, str]]:
    lines = note.split("\n")
    signature = base64.b64decode(lines[4].split(" ")[2])

    def signed(data: bytes, name: str = SIGNER.name) -> str:
        return "\n".join([*lines[:4], f"— {name} {base64.b64encode(data).decode()}", ""])

    yield "other_key", signed(_flipped(signature))
    yield "other_key", signed(signature, "log.example2")
    yield "bad_signature", signed(_flipped(signature, 4))
    yield "bad_signature", signed(_flipped(signature, 67))
    yield "bad_signature", signed(signature[:-1])
    yield "bad_signature", note.replace("\n5\n", "\n6\n")
    yield "bad_signature", note.replace("log.example\n", "log.other\n", 1)
    yield "bad_signature", note + signed(_flipped(signature, 10)).split("\n")[4] + "\n"
    yield "not_a_checkpoint", note.replace("\n5\n", "\n05\n")
    yield "not_a_checkpoint", note.replace("\n5\n", "\n99999999999999999999\n")
    yield "not_a_checkpoint", note.replace(lines[2], lines[2][:-4])
    yield "not_a_note", note[:-1]
    yield "not_a_note", note.replace("— ", "- ")
    yield "not_a_note", note.replace("\n\n", "\n")
    yield "not_a_note", ""


def test_a_checkpoint_that_was_tampered_with_is_not_opened(scripts: Scripts) -> None:
    """Each kind of alteration of a note is named for what it is; none is believed."""
    spoilt = list(_spoilt_notes(_tree(5).note()))
    answers = scripts(*((TLOG, "openCheckpoint", [note, SIGNER.vkey]) for _, note in spoilt))
    assert [(one.get("thrown"), one.get("reason")) for one in answers] == [("NotProved", word) for word, _ in spoilt]


def test_a_note_for_another_log_is_not_opened(scripts: Scripts) -> None:
    """The same key under a checkpoint of another origin proves nothing about this log."""
    note = SIGNER.sign(Checkpoint("log.other", 5, _tree(5).root).body())
    (answer,) = scripts((TLOG, "openCheckpoint", [note, SIGNER.vkey]))
    assert answer == {"thrown": "NotProved", "reason": "other_log"}


def test_a_key_whose_id_does_not_fit_is_refused(scripts: Scripts) -> None:
    """The id of a vkey is computed from name and key, and text that is no key is none."""
    name, identity, key = SIGNER.vkey.split("+", 2)
    other = NoteSigner("log.example", Ed25519PrivateKey.generate()).vkey.split("+", 2)[2]
    keys = [f"{name}+{identity}+{other}", f"log.other+{identity}+{key}", f"{name}+00000000+{key}", "log.example", ""]
    answers = scripts(*((TLOG, "parseVkey", [vkey]) for vkey in keys))
    assert [one["reason"] for one in answers] == ["key_id", "key_id", "key_id", "not_a_key", "not_a_key"]


def test_a_browser_without_ed25519_says_so(scripts: Scripts) -> None:
    """Where the signature cannot be checked nothing is believed: it is called neither right nor wrong."""
    (answer,) = scripts((TLOG, "openCheckpoint", [_tree(5).note(), SIGNER.vkey]), without="ed25519")
    assert answer == {"thrown": "CannotCheck", "reason": "ed25519"}


def test_a_page_without_webcrypto_says_so(scripts: Scripts) -> None:
    """At an address that is not secure a browser has no WebCrypto: nothing can be checked, and that is said."""
    cases = [_inclusion(_tree(5), 2), (TLOG, "leafHash", [b"x"]), (TLOG, "parseVkey", [SIGNER.vkey])]
    answers = scripts(*cases, without="webcrypto")
    assert answers == [{"thrown": "CannotCheck", "reason": "webcrypto"}] * 3


def test_the_text_of_a_proof_is_read(scripts: Scripts) -> None:
    """A tlog-proof is taken apart into index, hashes and checkpoint, with and without an extra line."""
    tree = _tree(33)
    hashes = tuple(merkle.inclusion_proof(20, tree.leaves))
    proofs = [InclusionProof(20, hashes, tree.note()), InclusionProof(20, hashes, tree.note(), b"more")]
    for answer in scripts(*((TLOG, "parseProof", [proof.text()]) for proof in proofs)):
        assert answer["value"]["index"] == {"whole": "20"}
        assert [base64.b64decode(one["bytes"]) for one in answer["value"]["hashes"]] == list(hashes)
        assert answer["value"]["checkpoint"] == tree.note()


def test_what_is_no_proof_is_not_read(scripts: Scripts) -> None:
    """Another first line, no index, a hash that is none, no checkpoint."""
    text = InclusionProof(20, tuple(merkle.inclusion_proof(20, _tree(33).leaves)), _tree(33).note()).text()
    spoilt = [
        "",
        text.replace("@v1", "@v2"),
        text.replace("index 20", "index 020"),
        text.replace("index 20\n", ""),
        "a\n\nb",
    ]
    lines = text.split("\n")
    spoilt += ["\n".join([*lines[:2], lines[2][:-5], *lines[3:]]), text.replace("\n\n", "\n")]
    answers = scripts(*((TLOG, "parseProof", [one]) for one in spoilt))
    assert [one.get("reason") for one in answers] == ["not_a_proof"] * len(spoilt)
