"""Digitised documents as a portal would register them, signed or not."""

import base64
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.helpers.stack import PERSON, Stack, now
from tests.scenarios.prefills import someone

MARRIAGE = "1.000894"
CONFIRMATION = "marital_status_confirmation"
HUSBAND = someone("001099000208")
DEATH = "death_extract"
ISSUED = now().date() - timedelta(days=30)  # one day for all registrations of a run: part of what tells documents apart
TEXT = b"Confirmation of marital status, synthetic"


def registration(content: bytes | None = TEXT, **changes: Any) -> dict[str, Any]:
    """A body of `POST /v1/documents`; a member that is None is left out."""
    body: dict[str, Any] = {
        "kind": CONFIRMATION,
        "holder": PERSON,
        "issuing_agency": "UBND xã Phục Hòa",
        "number": "17/2026-XN",
        "issued_on": str(ISSUED),
        "sha256": hashlib.sha256(content or b"").hexdigest(),
        "media_type": "text/plain",
    }
    if content is not None:
        body["content"] = base64.b64encode(content).decode()
    body |= changes
    return {name: value for name, value in body.items() if value is not None}


async def register(up: Stack, body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The answer to a registration that has to succeed."""
    said = await up.call("/v1/documents", body, procedure=MARRIAGE, **changes)
    assert said.status_code == 200, said.text
    answer: dict[str, Any] = said.json()
    return answer


async def offered(up: Stack, holder: dict[str, str] = PERSON) -> list[dict[str, Any]]:
    """The documents in a pre-fill of a marriage registration of this wife."""
    said = await prefilled(up, holder)
    documents: list[dict[str, Any]] = said["documents"]
    return documents


async def prefilled(up: Stack, holder: dict[str, str] = PERSON) -> dict[str, Any]:
    """A pre-filled marriage registration."""
    said = await up.call("/v1/dossiers/prefill", {"subjects": {"wife": holder, "husband": HUSBAND}}, procedure=MARRIAGE)
    assert said.status_code == 200, said.text
    answer: dict[str, Any] = said.json()
    return answer


def objects(up: Stack) -> list[Path]:
    """The files of the contents that are kept, without the one by which the store is tried."""
    files = (up.data_dir / "objects").rglob("*")
    return [path for path in files if path.is_file() and path.name.strip("0")]
