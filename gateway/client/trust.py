"""Which keys to believe, and holding an answer against them.

Rule of this file: pure. An answer goes in, verified values come out, or `AnswerNotTrusted`; the order is fixed:

    1  the response signature binds answer, question and caller     `signing.response`
    2  the entry it names is vouched for by a checkpoint of the log  `signing.notes`
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.client.answer import Receipt
from gateway.client.auth import token_sent
from gateway.client.errors import AnswerNotTrusted
from signing import jwk, notes, response
from signing.encoding import from_base64_standard
from signing.errors import AnswerRefused, KeyRefused, SigningError
from signing.jwk import KeySet
from signing.notes import NoteKey
from signing.request import token_hash

_OK = 200


@dataclass(frozen=True, slots=True)
class Trust:
    """A gateway's identity: `issuer` (the `aud` of calls to it), its signing keys, its log's name and key."""

    issuer: str
    keys: KeySet
    log_origin: str
    log_key: NoteKey


def from_documents(metadata: Mapping[str, Any], key_set: Mapping[str, Any]) -> Trust:
    """The trust that `/.well-known/gateway` and `/.well-known/jwks.json` speak of. Raises `AnswerNotTrusted`."""
    issuer, log = metadata.get("issuer"), metadata.get("log")
    origin, vkey = (log.get("origin"), log.get("public_key")) if isinstance(log, Mapping) else (None, None)
    if not (isinstance(issuer, str) and isinstance(origin, str) and isinstance(vkey, str)):
        raise AnswerNotTrusted("trust_malformed", "the gateway does not describe itself", status=_OK)
    try:
        keys, log_key = jwk.from_jwks(key_set), notes.parse_vkey(vkey)
    except KeyRefused as error:
        raise AnswerNotTrusted("trust_malformed", error.detail, status=_OK) from None
    return Trust(issuer, keys, origin, log_key)


def verified(answer: httpx.Response, trust: Trust, *, caller: str | None) -> tuple[Mapping[str, Any], Receipt | None]:
    """The signature's claims and the receipt of an answer. `caller` is the agency code it must be meant for.

    The question is the token in the answer's own request. Raises `AnswerNotTrusted`.
    """
    signature = answer.headers.get(response.HEADER)
    if signature is None:
        raise AnswerNotTrusted("signature_missing", f"no {response.HEADER} header", status=answer.status_code)
    return believed(
        signature,
        trust,
        caller=caller,
        token=token_sent(answer.request),
        status=answer.status_code,
        body=answer.content,
        content_digest=answer.headers.get("Content-Digest"),
    )


def believed(
    signature: str,
    trust: Trust,
    *,
    caller: str | None,
    token: str | None,
    status: int,
    body: bytes,
    content_digest: str | None,
    line: int | None = None,
) -> tuple[Mapping[str, Any], Receipt | None]:
    """The same for the parts of an answer. `token`: the question; `line`: which part of a stream `body` is."""
    try:
        claims = response.verify_response(
            signature,
            keys=trust.keys,
            iss=trust.issuer,
            aud=caller,
            req=token_hash(token) if token else None,
            status=status,
            body=body,
            content_digest=content_digest,
            line=line,
        )
    except AnswerRefused as refused:
        raise AnswerNotTrusted(refused.reason, refused.detail, status=status) from None
    entry = claims.get("entry")
    return claims, None if entry is None else _receipt(entry, trust, status)


def _receipt(entry: Mapping[str, Any], trust: Trust, status: int) -> Receipt:
    try:
        checkpoint = notes.open_checkpoint(entry["checkpoint"], trust.log_key, origin=trust.log_origin)
    except SigningError as error:
        raise AnswerNotTrusted("receipt_untrusted", error.detail, status=status) from None
    if entry["log"] != checkpoint.origin or entry["index"] >= checkpoint.size:
        raise AnswerNotTrusted("receipt_inconsistent", "the checkpoint does not cover the entry named", status=status)
    return Receipt(
        origin=checkpoint.origin,
        index=entry["index"],
        leaf=from_base64_standard(entry["leaf"]),
        checkpoint=entry["checkpoint"],
        size=checkpoint.size,
        root=checkpoint.root,
    )
