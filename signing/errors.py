"""What can be wrong with signed things.

    SigningError               abstract; everything this package raises on purpose
      EncodingMalformed        base64 or JSON that is not in its one strict form
      TokenMalformed           not a compact JWS
      AlgorithmRefused         an algorithm outside the closed list
      KeyRefused               a key that may not be used for this
      SignatureInvalid         the signature does not fit
      DigestMalformed          a Content-Digest that is not exactly one sha-256
      ClaimUnfit               a token was to be made with a claim the contract does not allow
      AnswerRefused            an answer's signature does not prove this answer; `code` says which check failed
      ProofInvalid             a Merkle proof or frontier that does not hold
      NoteMalformed            text that is not a signed note or a checkpoint
      NoteUntrusted            a note without a good signature by a known key

Rule of this file: `code` is stable and may be shown to anyone; no text holds a key, a token or a claim's value.
"""

# ruff: noqa: N818  # the names say what is wrong; "Error" after each would say it twice

from typing import ClassVar


class SigningError(Exception):
    """Something signed is not what it should be. Abstract: raise one of its kinds."""

    code: ClassVar[str] = "signing"

    def __init__(self, detail: str) -> None:
        if type(self) is SigningError:
            raise TypeError("SigningError is abstract")
        super().__init__(detail)
        self.detail = detail


class EncodingMalformed(SigningError):
    """Base64 or JSON that is not in its one strict form."""

    code = "encoding_malformed"


class TokenMalformed(SigningError):
    """Not a compact JWS of three parts."""

    code = "token_malformed"


class AlgorithmRefused(SigningError):
    """An algorithm outside the closed list."""

    code = "algorithm_not_allowed"


class KeyRefused(SigningError):
    """A key that may not be used here: wrong type, too small, meant for something else, or its file lies open."""

    code = "key_refused"


class SignatureInvalid(SigningError):
    """The signature does not fit the message and the key."""

    code = "signature_invalid"


class DigestMalformed(SigningError):
    """A Content-Digest that is not exactly one sha-256 member."""

    code = "digest_malformed"


class ClaimUnfit(SigningError):
    """A token was to be made with a claim the contract does not allow."""

    code = "claim_unfit"


class AnswerRefused(SigningError):
    """An answer's signature does not prove this answer. `reason` names the check that failed."""

    code = "answer_refused"

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class ProofInvalid(SigningError):
    """A Merkle proof or frontier that does not hold."""

    code = "proof_invalid"


class NoteMalformed(SigningError):
    """Text that is not a signed note or not a checkpoint."""

    code = "note_malformed"


class NoteUntrusted(SigningError):
    """A note without a good signature by a known key."""

    code = "note_untrusted"
