"""The evidence behind an entry, as text that can be checked without us: envelope, leaf hash, proof, request token.

Rule of this file: nothing is verified here and nothing is promised: the auditor's own browser or checker does that.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signing.proofs import InclusionProof


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS taken apart, unverified. `header` and `claims`: JSON, indented; `text`: as it was received."""

    text: str = field(repr=False)
    header: str = field(repr=False)
    claims: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proves an entry. `envelope`: base64; `leaf`: hex; `proof`: tlog-proof@v1, "" before the first checkpoint
    over it; `size`: entries under that checkpoint; `commitments`: place in the answer -> commitment."""

    envelope: str = field(repr=False)
    leaf: str
    proof: str = field(repr=False)
    size: int
    token: Token | None
    commitments: Mapping[str, str]


def evidence(
    envelope: bytes, leaf: bytes, proof: InclusionProof | None, size: int, payload: Mapping[str, Any] | None
) -> Evidence:
    """The evidence of an entry. `payload` None: it cannot be read."""
    said = payload or {}
    text = said.get("token")
    return Evidence(
        envelope=base64.b64encode(envelope).decode(),
        leaf=leaf.hex(),
        proof=proof.text() if proof else "",
        size=size,
        token=taken_apart(text) if isinstance(text, str) else None,
        commitments=said.get("commitments", {}),
    )


def taken_apart(text: str) -> Token:
    """A compact JWS for the eye. A part that is no JSON is shown as it is."""
    parts = [*text.split("."), "", ""]
    return Token(text, _decoded(parts[0]), _decoded(parts[1]))


def _decoded(part: str) -> str:
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (binascii.Error, ValueError, RecursionError):
        return part
