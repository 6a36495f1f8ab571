"""Signed requests as bytes, ready to be sent. Signing happens here, before a slice, and is not measured."""

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from signing import request
from signing.keys import Signer
from tests.bench.people import Subject
from tests.helpers.stack import ENTERPRISE, RESIDENCE, TAXPAYER, THREE

LIFETIME = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of call. `silent` stands in an answer that misses what a registry should have said."""

    name: str
    path: str
    procedure: str
    silent: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """One request on the wire, and its token, which the answer must name."""

    token: str
    wire: bytes


LOOKUP = Operation("persons.lookup", "/v1/persons/lookup", RESIDENCE, b'"found":false')
VERIFY = Operation("persons.verify", "/v1/persons/verify", RESIDENCE, b'"match":false')
PREFILL = Operation("dossiers.prefill", "/v1/dossiers/prefill", THREE, b'"unavailable"')


def body(operation: Operation, subject: Subject) -> Mapping[str, Any]:
    """What is asked about one person; a pre-fill asks all three registries."""
    if operation is not PREFILL:
        return subject.body()
    return {"subjects": {"applicant": subject.body(), "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}}


class Desk:
    """Signs as the sample portal, each request with an id of its own."""

    def __init__(self, signer: Signer, *, audience: str, base_url: str, run: str, people: Sequence[Subject]) -> None:
        self._signer, self._audience, self._base_url, self._run = signer, audience, base_url, run
        self._host = urlsplit(base_url).netloc
        self._numbers = itertools.count(1)
        self._people = itertools.cycle(people)

    def sign(self, operation: Operation, count: int, at: datetime) -> list[Signed]:
        """`count` different requests, good for two minutes."""
        return [self._one(operation, at) for _ in range(count)]

    def _one(self, operation: Operation, at: datetime) -> Signed:
        number = next(self._numbers)
        content = json.dumps(body(operation, next(self._people)), ensure_ascii=False).encode()
        token, digest = request.request_token(
            self._signer,
            iss="H14",
            aud=self._audience,
            method="POST",
            url=self._base_url + operation.path,
            body=content,
            purpose={
                "procedure": operation.procedure,
                "dossier": f"H14-20261122-{number:07d}",
                "officer": "officer-07",
                "basis": "law",
            },
            at=at,
            jti=f"bench-{self._run}-{number:010d}",
            lifetime=LIFETIME,
        )
        head = (
            f"POST {operation.path} HTTP/1.1\r\nhost: {self._host}\r\nauthorization: Bearer {token}\r\n"
            f"content-digest: {digest}\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        )
        return Signed(token, head.encode("ascii") + content)
