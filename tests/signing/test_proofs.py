"""Tests of inclusion proofs as text."""

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import merkle, proofs
from signing.errors import NoteMalformed, NoteUntrusted, ProofInvalid, SigningError
from signing.notes import Checkpoint, NoteSigner
from signing.proofs import InclusionProof

SIGNER = NoteSigner("log.test.example/access", Ed25519PrivateKey.generate())
LEAVES = [sha256(b"%d" % n).digest() for n in range(11)]


def note(size: int, signer: NoteSigner = SIGNER) -> str:
    """The signed checkpoint of the first leaves."""
    return signer.sign(Checkpoint(signer.name, size, merkle.root(LEAVES[:size])).body())


def proof(index: int = 6, size: int = 11, extra: bytes | None = None) -> InclusionProof:
    """A right proof."""
    return InclusionProof(index, tuple(merkle.inclusion_proof(index, LEAVES[:size])), note(size), extra)


def test_a_proof_as_the_specification_writes_it() -> None:
    """First line, extra, index, hashes, an empty line, the checkpoint as it is."""
    text = proof(extra=b"from elsewhere").text()
    head, _, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra ZnJvbSBlbHNld2hlcmU=", "index 6"]
    assert len(lines) == 3 + 4
    assert checkpoint == note(11)


@pytest.mark.parametrize("size", range(1, 12))
def test_proofs_of_every_entry_hold(size: int) -> None:
    """Each entry of each tree is proved by its text, and by no other entry's leaf."""
    for index in range(size):
        made = proof(index, size, b"" if index % 2 else None)
        read = proofs.parse(made.text())
        assert read == made
        checkpoint = proofs.verify(read, LEAVES[index], SIGNER.key, origin=SIGNER.name)
        assert (checkpoint.size, checkpoint.root) == (size, merkle.root(LEAVES[:size]))
        for other in set(range(size)) - {index}:
            with pytest.raises(ProofInvalid):
                proofs.verify(read, LEAVES[other], SIGNER.key, origin=SIGNER.name)


def test_any_changed_character_is_noticed() -> None:
    """No single changed character of a proof leaves it good."""
    text = proof().text()
    for place, character in enumerate(text):
        other = "A" if character != "A" else "B"
        with pytest.raises(SigningError):
            proofs.verify(
                proofs.parse(text[:place] + other + text[place + 1 :]), LEAVES[6], SIGNER.key, origin=SIGNER.name
            )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 6", "index 06"),
        ("index 6", "index -6"),
        ("index 6", "index ٦"),
        ("index 6", "Index 6"),
        ("index 6\n", ""),
        ("index 6", "index 6\nextra AA=="),
        ("index 6", "extra A\nindex 6"),
        ("index 6", "extra \nextra \nindex 6"),
        ("index 6\n", "index 6\nAAAA\n"),
        ("index 6\n", "index 6\n" + "A" * 43 + "=\n" * 64),
        ("index 6\n", "index 6\r\n"),
        ("\n\n", "\n"),
    ],
)
def test_other_texts_are_refused(old: str, new: str) -> None:
    """What is not in the one form is no proof."""
    text = proof().text()
    assert old in text
    with pytest.raises(SigningError):
        proofs.verify(proofs.parse(text.replace(old, new, 1)), LEAVES[6], SIGNER.key, origin=SIGNER.name)


@pytest.mark.parametrize("text", ["", "\n\n", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 1\n"])
def test_texts_without_a_checkpoint(text: str) -> None:
    """A proof without a checkpoint is none."""
    with pytest.raises(ProofInvalid):
        proofs.parse(text)


def test_a_text_without_end_is_refused() -> None:
    """A text longer than any proof is refused before it is read."""
    with pytest.raises(ProofInvalid):
        proofs.parse(proof().text() + "x" * proofs.MAX_TEXT)


def test_checkpoints_of_others_are_refused() -> None:
    """A right path under a checkpoint of another key, another log or no log proves nothing."""
    right = proof()
    stranger = NoteSigner(SIGNER.name, Ed25519PrivateKey.generate())
    elsewhere = NoteSigner("other.example/log", SIGNER.private_key)
    for checkpoint in (note(11, stranger), note(11, elsewhere)):
        with pytest.raises(NoteUntrusted):
            proofs.verify(replace(right, checkpoint=checkpoint), LEAVES[6], SIGNER.key, origin=SIGNER.name)
    with pytest.raises(NoteMalformed):
        proofs.verify(replace(right, checkpoint="rubbish\n"), LEAVES[6], SIGNER.key, origin=SIGNER.name)
    with pytest.raises(ProofInvalid):
        proofs.verify(replace(right, checkpoint=note(10)), LEAVES[6], SIGNER.key, origin=SIGNER.name)
