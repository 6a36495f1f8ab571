"""Tests of the evidence behind an entry."""

import base64
import json
from hashlib import sha256

import pytest

from gateway.console import proofs
from signing.proofs import InclusionProof

ENVELOPE = b"\x01envelope \xff"
LEAF = sha256(b"\x00" + ENVELOPE).digest()


def test_before_the_first_checkpoint() -> None:
    """There is an envelope and its leaf, no proof, and nothing is said in its place."""
    found = proofs.evidence(ENVELOPE, LEAF, None, 0, {"commitments": {"/a": "c"}})
    assert (found.proof, found.size, found.token) == ("", 0, None)
    assert base64.b64decode(found.envelope) == ENVELOPE
    assert found.leaf == LEAF.hex()
    assert found.commitments == {"/a": "c"}


def test_with_a_proof() -> None:
    """The text of the proof is the one that others can check."""
    proof = InclusionProof(0, (LEAF,), "checkpoint\n")
    found = proofs.evidence(ENVELOPE, LEAF, proof, 2, {})
    assert (found.proof, found.size) == (proof.text(), 2)
    assert found.proof.startswith("c2sp.org/tlog-proof@v1\n")


def test_an_entry_that_cannot_be_read() -> None:
    """The envelope is evidence all the same."""
    found = proofs.evidence(ENVELOPE, LEAF, None, 0, None)
    assert (found.token, found.commitments) == (None, {})


@pytest.mark.parametrize("claims", [{"iss": "H14"}, {"name": "Nông Văn Thử"}])
def test_a_token_taken_apart(claims: dict[str, str]) -> None:
    """Header and claims for the eye, letters as they are, and the text as it was received."""
    parts = [json.dumps(part).encode() for part in ({"alg": "ES256"}, claims)]
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + ".c2ln"
    found = proofs.taken_apart(text)
    assert (json.loads(found.header), json.loads(found.claims), found.text) == ({"alg": "ES256"}, claims, text)
    assert "\\u" not in found.claims


@pytest.mark.parametrize("text", ["", ".", "a", "!!!.???", "eyJ.eyJ.x", "é.é", "W1tb.e30"])
def test_a_token_that_is_none(text: str) -> None:
    """Parts that cannot be read are shown as they are: an auditor is to see what was sent."""
    found = proofs.taken_apart(text)
    assert found.text == text
    assert found.header == text.partition(".")[0]


def test_evidence_is_not_printed() -> None:
    """Envelope, proof and token stay out of `repr`, which goes into logs."""
    found = proofs.evidence(ENVELOPE, LEAF, None, 0, {"token": "e30.e30.c2ln"})
    assert "e30" not in repr(found)
    assert found.envelope not in repr(found)
