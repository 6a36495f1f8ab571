"""Calls about what the gateway keeps for a portal: a dossier's page, and reported errors in registries' data."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gateway.client.answer import Answer
from signing.encoding import json_bytes


class KeptCalls(ABC):
    """A part of `GatewayClient`."""

    _purpose: dict[str, str]

    @abstractmethod
    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        purpose: Mapping[str, str] | None = None,
        deferred: bool = False,
    ) -> Answer:
        """A signed call with a body as it is."""

    async def preview(self, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """The page of the dossier of `purpose`, which was pre-filled a while ago: `document` is its HTML, a text."""
        dossier = (self._purpose if purpose is None else purpose).get("dossier", "")
        return await self.send("GET", f"/v1/dossiers/{quote(dossier, safe='')}/preview", None, purpose=purpose)

    async def report_correction(
        self,
        subject: Mapping[str, str],
        field: str,
        *,
        source: str,
        problem: str,
        shown: Any = None,
        proposed: Any = None,
        evidence: str | None = None,
        purpose: Mapping[str, str] | None = None,
    ) -> Answer:
        """Report an error in a registry's data; `document["correction"]` is what to follow it by.

        `problem`: wrong_value, outdated, misspelt, not_mine, missing or other.
        """
        said = {"shown": shown, "proposed": proposed, "evidence": evidence}
        body = {"subject": dict(subject), "field": field, "source": source, "problem": problem}
        body |= {name: value for name, value in said.items() if value is not None}
        return await self.send("POST", "/v1/corrections", json_bytes(body), purpose=purpose)

    async def correction(self, named: str, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """What became of a reported error."""
        return await self.send("GET", f"/v1/corrections/{quote(named, safe='')}", None, purpose=purpose)
