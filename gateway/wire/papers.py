"""The calls about digitised documents: their bodies as callers write them, and their answers.

Rule of this file: the number of a document and its holder are personal, so they are in bodies alone.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from gateway.errors import Code, Flaw, refused
from gateway.model import Ask, Call, Offer, Registration
from gateway.wire import requests, strict
from gateway.wire.answers import instant

HOLDER = "holder"
"""The role of the subject of these calls, in the log."""

_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _day(text: str) -> str:
    if not re.fullmatch(_DAY, text):
        raise ValueError("Must be YYYY-MM-DD.")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("There is no such day.") from None
    return text


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("Must be one line of text.")
    return text


def _location(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("Must be an https address.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("Must be an https address.") from None
    if parts.scheme != "https" or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("Must be an https address without account, query and fragment.")
    return text


Day = Annotated[str, AfterValidator(_day), Field(description="YYYY-MM-DD", examples=["2026-11-22"])]
DocumentId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Field(description="id of a document, 64 lower-case hex digits")
]
Holder = Annotated[
    requests.AnyIdentifiers, Field(description="identifiers of the person, enterprise or taxpayer it is about")
]
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="SHA-256 of the bytes, 64 lower-case hex digits"),
]
Kind = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$"),
    Field(description="a kind of the gateway's list document_kind", examples=["birth_certificate"]),
]


class DocumentRegister(requests.Shape):
    """Body of `POST /v1/documents`. With `content`, with `location`, or both."""

    kind: Kind
    holder: Holder
    issuing_agency: Annotated[
        str,
        StringConstraints(max_length=200),
        AfterValidator(_line),
        Field(description="code or name of who issued it"),
    ]
    number: Annotated[
        str, StringConstraints(max_length=100), AfterValidator(_line), Field(description="as printed on it")
    ]
    issued_on: Day
    valid_from: Annotated[Day | None, Field(description="the first day it counts; without it, issued_on")] = None
    valid_until: Annotated[Day | None, Field(description="the last day it counts")] = None
    sha256: Sha256
    media_type: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}$"),
        Field(description="of the bytes, without parameters", examples=["application/pdf"]),
    ]
    size: Annotated[int | None, Field(ge=1, le=2**40, description="bytes")] = None
    location: Annotated[
        Annotated[str, StringConstraints(max_length=2048), AfterValidator(_location)] | None,
        Field(description="https address in the portal's own storage; nothing personal in it"),
    ] = None
    content: Annotated[str | None, Field(description="the bytes in base64 (RFC 4648 section 4)")] = None
    replaces: Annotated[DocumentId | None, Field(description="the portal's document that ends with this one")] = None


class DocumentFetch(requests.Shape):
    """Body of `POST /v1/documents/fetch`."""

    document: DocumentId
    holder: Holder


class DocumentRevoke(requests.Shape):
    """Body of `POST /v1/documents/revoke`."""

    document: DocumentId
    reason: Annotated[
        Literal["revoked", "issued_in_error", "superseded", "withdrawn"], Field(description="why it ends; it is kept")
    ]


MODELS: Mapping[Call, type[requests.Shape]] = {
    Call.DOCUMENTS_REGISTER: DocumentRegister,
    Call.DOCUMENTS_FETCH: DocumentFetch,
    Call.DOCUMENTS_REVOKE: DocumentRevoke,
}
"""None of these can be deferred: they ask no registry."""


def parse(call: Call, body: bytes) -> Ask:
    """The question in a body. Raises `Refused`: body_malformed, field_unknown or value_invalid, flaws with pointers."""
    document = strict.parse(body, long="content" if call is Call.DOCUMENTS_REGISTER else None)
    try:
        model = MODELS[call].model_validate(document)
    except ValidationError as error:
        raise requests.refusal(error) from None
    if isinstance(model, DocumentRegister):
        return Ask(call, (requests.subject(HOLDER, model.holder),), registration=_registration(model))
    if isinstance(model, DocumentFetch):
        return Ask(call, (requests.subject(HOLDER, model.holder),), document=model.document)
    return Ask(call, document=document["document"], reason=document["reason"])


def _registration(model: DocumentRegister) -> Registration:
    content = _bytes(model.content)
    if content is None and model.location is None:
        raise wrong("", "Give content, location or both: otherwise nobody could have the document.")
    if content is not None and hashlib.sha256(content).hexdigest() != model.sha256:
        raise wrong("/sha256", "Is not the SHA-256 of content.")
    if content is not None and model.size not in (None, len(content)):
        raise wrong("/size", "Is not the number of bytes of content.")
    if model.valid_until is not None and model.valid_until < max(model.issued_on, model.valid_from or ""):
        raise wrong("/valid_until", "It would end before it begins.")
    return Registration(
        kind=model.kind,
        issuing_agency=model.issuing_agency,
        number=model.number,
        issued_on=model.issued_on,
        valid_from=model.valid_from,
        valid_until=model.valid_until,
        sha256=model.sha256,
        media_type=model.media_type,
        size=len(content) if content is not None else model.size,
        location=model.location,
        content=content,
        replaces=model.replaces,
    )


def _bytes(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise wrong("/content", "Must be base64 (RFC 4648 section 4), without line ends.") from None
    if not content:
        raise wrong("/content", "Must not be empty.")
    return content


def wrong(pointer: str, detail: str) -> Exception:
    """One flaw of a body, ready to raise."""
    return refused(Code.VALUE_INVALID, flaws=(Flaw(pointer, Code.VALUE_INVALID, detail),))


def offer(one: Offer) -> dict[str, Any]:
    """A document in a pre-filled dossier."""
    shown = {
        "document": one.document,
        "kind": one.kind,
        "name_vi": one.name_vi,
        "name_en": one.name_en,
        "role": one.role,
        "registered_by": one.registered_by,
        "issuing_agency": one.issuing_agency,
        "issued_on": one.issued_on,
        "valid_until": one.valid_until,
        "media_type": one.media_type,
        "sha256": one.sha256,
        "content": one.content,
        "signature": dict(one.signature),
        "retrieved_at": instant(one.retrieved_at),
    }
    return {name: value for name, value in shown.items() if value is not None}
