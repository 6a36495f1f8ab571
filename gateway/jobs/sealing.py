"""A job's content as bytes that only the gateways of one data folder can read.

    sealed = nonce 12 || AES-256-GCM(key, nonce, content, id \\0 state \\0 agency \\0 decided)

The columns beside it in the row are bound in, so a row cannot be turned into another portal's or into another state.
Nonces are 96 random bits: one key is good for 2^32 rows (NIST SP 800-38D, section 8.3).
"""

from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit import keyfiles
from gateway.jobs import content
from gateway.storage.jobs import JobRow, JobState

KEY_BYTES = 32
NONCE_BYTES = 12


class JobUnreadable(Exception):  # noqa: N818 - the name says what happened
    """A row cannot be opened: it was altered, or sealed under another key."""

    def __init__(self) -> None:
        super().__init__("a stored job cannot be opened")


class Sealer:
    """Seals and opens. `urandom` returns as many random bytes as asked for."""

    def __init__(self, key: bytes, urandom: Callable[[int], bytes]) -> None:
        self._cipher = AESGCM(key)
        self._urandom = urandom

    def seal(self, kept: content.Content, *, job: str, agency: str, decided: int) -> tuple[JobState, bytes]:
        """The state of a content, and the bytes to store."""
        state = content.STATES[type(kept)]
        nonce = self._urandom(NONCE_BYTES)
        bound = _bound(job, state, agency, decided)
        return state, nonce + self._cipher.encrypt(nonce, content.dump(kept), bound)

    def open(self, row: JobRow) -> content.Content:
        """The content of a row. Raises JobUnreadable."""
        nonce, encrypted = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
        try:
            written = self._cipher.decrypt(nonce, encrypted, _bound(row.id, row.state, row.agency, row.decided))
            return content.load(row.state, written)
        except (InvalidTag, ValueError):
            raise JobUnreadable from None


def open_key(path: Path, urandom: Callable[[int], bytes]) -> bytes:
    """The 32-byte key in the file at `path`, drawn and written (mode 0600) when there is none yet.

    Raises KeyFileRefused. Losing the file loses the jobs that are kept at that moment, nothing else.
    """
    return keyfiles.open_key(path, KEY_BYTES, urandom)


def _bound(job: str, state: JobState, agency: str, decided: int) -> bytes:
    return "\x00".join((job, state.value, agency, str(decided))).encode()
