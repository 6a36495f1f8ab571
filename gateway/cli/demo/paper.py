"""A paper once: a portal registers a digitised paper, another dossier is offered it, and its bytes are fetched.

Rule of this file: it does what a portal does, with signed calls alone.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.client import Answer, GatewayClient

PROCEDURE = "1.001776"
KIND = "disability_certificate"
_BYTES = "Giấy xác nhận khuyết tật số 17/2026: giấy tờ giả lập, không phải của ai.\n".encode()


@dataclass(frozen=True, slots=True)
class Reused:
    """The three answers, and the procedure as it describes itself."""

    described: Mapping[str, Any]
    registered: Answer
    offered: Answer
    fetched: Answer

    @property
    def offer(self) -> Mapping[str, Any] | None:
        """The paper among those offered."""
        wanted = self.registered.document["document"]
        return next((one for one in self.offered.document["documents"] if one["document"] == wanted), None)

    @property
    def whole(self) -> bool:
        """Whether the paper was offered, and the bytes fetched are those that were registered."""
        if self.offer is None:
            return False
        content = base64.b64decode(self.fetched.document["content"])
        return content == _BYTES and hashlib.sha256(content).hexdigest() == self.offer["sha256"]


async def reuse(client: GatewayClient, person: Mapping[str, str]) -> Reused:
    """Register, pre-fill, fetch. `client`: with a purpose of `PROCEDURE`."""
    registered = await client.register_document(
        {
            "kind": KIND,
            "holder": person,
            "issuing_agency": "UBND xã Phục Hòa",
            "number": "17/2026",
            "issued_on": str(datetime.now(UTC).date() - timedelta(days=30)),
            "sha256": hashlib.sha256(_BYTES).hexdigest(),
            "media_type": "text/plain",
            "content": base64.b64encode(_BYTES).decode(),
        }
    )
    described = await client.procedure(PROCEDURE)
    offered = await client.prefill({"applicant": person}, {})
    fetched = await client.fetch_document(registered.document["document"], person)
    return Reused(described.document, registered, offered, fetched)
