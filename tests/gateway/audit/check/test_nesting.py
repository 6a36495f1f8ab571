"""JSON nested deeper than a reader follows is refused with the sentence for any other text of a wrong form."""

import os

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit import check
from gateway.audit.check import envelope as envelopes

DEEP = b"[" * 65_000


def header(kind: int, nonce: bytes) -> bytes:
    """The header of an entry of nobody at the beginning of time."""
    return bytes([1, kind]) + bytes(8 + 16 + 16 + 16) + nonce


def test_a_nested_announcement_is_refused() -> None:
    """A key-epoch entry stands in clear, so whoever writes the file chooses its depth."""
    entry = envelopes.parse(header(envelopes.KEY_EPOCH, bytes(12)) + DEEP)
    with pytest.raises(ValueError, match="the content is not JSON"):
        envelopes.in_clear(entry)


def test_a_nested_sealed_content_is_refused() -> None:
    """A content that opens and is nested without end is a sentence too."""
    cipher, nonce = AESGCM(os.urandom(32)), os.urandom(12)
    top = header(1, nonce)
    entry = envelopes.parse(top + cipher.encrypt(nonce, DEEP, top))
    with pytest.raises(ValueError, match="the content is not JSON"):
        envelopes.unseal(entry, cipher)


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"epoch": ' * 100_000])
def test_a_nested_key_epoch_file_is_refused(text: bytes) -> None:
    """It is not a key epoch file."""
    with pytest.raises(ValueError, match="not a key epoch file"):
        check.read_epoch(text)
