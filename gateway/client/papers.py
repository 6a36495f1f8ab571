"""The calls about digitised documents."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from gateway.client.answer import Answer


class DocumentCalls(ABC):
    """What a client that can post can do with documents (docs/documents.md)."""

    @abstractmethod
    async def post(self, path: str, document: Mapping[str, Any], *, purpose: Mapping[str, str] | None = None) -> Answer:
        """A signed POST of a JSON document."""

    async def register_document(
        self, document: Mapping[str, Any], *, purpose: Mapping[str, str] | None = None
    ) -> Answer:
        """Register a digitised document: `kind`, `holder`, `sha256` and the rest of docs/documents.md. Repeatable."""
        return await self.post("/v1/documents", document, purpose=purpose)

    async def fetch_document(
        self, document: str, holder: Mapping[str, str], *, purpose: Mapping[str, str] | None = None
    ) -> Answer:
        """A document by the id in a pre-fill's offer, and its holder's identifiers. `content` is in base64, checked."""
        body = {"document": document, "holder": dict(holder)}
        return await self.post("/v1/documents/fetch", body, purpose=purpose)

    async def revoke_document(self, document: str, reason: str, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """End a document this portal registered. `reason`: revoked, issued_in_error, superseded or withdrawn."""
        return await self.post("/v1/documents/revoke", {"document": document, "reason": reason}, purpose=purpose)
