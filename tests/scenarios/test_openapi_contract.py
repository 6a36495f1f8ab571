"""Calls generated from the published OpenAPI document: every answer is as the document describes, and never a 500.

The gateway and the registries are processes of their own. A generated call is signed as it is about to leave.
"""

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.api.routes import ROUTES
from gateway.wire import papers
from gateway.wire.requests import MODELS
from signing import request as request_tokens
from tests.helpers.processes import Country, country
from tests.helpers.stack import RESIDENCE, THREE, now

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SIGNED = [(route.method, route.path) for route in ROUTES]
# their examples name a document that is not there: tests/scenarios/test_papers.py
NAMING = [("POST", "/v1/documents/fetch"), ("POST", "/v1/documents/revoke")]
# the others have no body, and `debug/verify` takes any
WITH_BODY = {(route.method, route.path) for route in ROUTES if route.call in {**MODELS, **papers.MODELS}}
DEFERRABLE = {(route.method, route.path) for route in ROUTES if route.call in MODELS}
PURPOSE = {"dossier": "H14-20261122-0000077", "officer": "officer-07", "basis": "law"}
TIMEOUT_SECONDS = 30


def bounded(examples: int) -> settings:
    """So many calls; no shrinking, which would send hundreds more, and no limit on one call's time."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )


def has_wrong_body(case: Case[Any]) -> bool:
    """Whether it is the body that was made wrong, and not only a header that signing replaces."""
    part = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    return part is not None and part.mode.is_negative


@dataclass(frozen=True, slots=True)
class Described:
    """A running gateway, and what it says of itself."""

    land: Country
    base_url: str
    schema: Any
    http: requests.Session

    def operations(self) -> dict[tuple[str, str], Any]:
        """Every operation of the document by method and path."""
        found = (result.ok() for result in self.schema.get_all_operations())
        return {(operation.method.upper(), operation.path): operation for operation in found}

    def send(self, case: Case[Any], *, sign: bool, procedure: str = THREE) -> requests.Response:
        """A generated call as it stands, or rightly signed; the answer fits the document."""
        prepared = self.http.prepare_request(requests.Request(**case.as_transport_kwargs(self.base_url)))
        for name in ("Authorization", "Content-Digest"):
            prepared.headers.pop(name, None)
        if sign:
            self.sign(prepared, procedure)
        answer = self.http.send(prepared, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        case.validate_response(answer, checks=CHECKS)
        return answer

    def sign(self, prepared: requests.PreparedRequest, procedure: str) -> None:
        """A token for a request that is about to leave."""
        body = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body
        assert prepared.method is not None
        assert prepared.url is not None
        assert body is None or isinstance(body, bytes)
        token, digest = request_tokens.request_token(
            self.land.signer,
            iss="H14",
            aud=self.base_url,
            method=prepared.method,
            url=prepared.url,
            body=body or None,
            purpose={**PURPOSE, "procedure": procedure},
            at=now(),
            jti=secrets.token_urlsafe(16),
        )
        prepared.headers["Authorization"] = f"Bearer {token}"
        if digest is not None:
            prepared.headers["Content-Digest"] = digest


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """A gateway and mocks, and the document the gateway serves."""
    folder: Path = tmp_path_factory.mktemp("described")
    with country(folder) as land, requests.Session() as http:
        http.trust_env = False
        base_url = land.gateway().ready["base_url"]
        schema = schemathesis.openapi.from_dict(http.get(f"{base_url}/openapi.json", timeout=TIMEOUT_SECONDS).json())
        yield Described(land, base_url, schema, http)


def test_the_document_has_every_call(described: Described) -> None:
    """Each call of the API is an operation to generate from, so that none is left out below."""
    assert set(SIGNED) <= set(described.operations())


@pytest.mark.parametrize(("method", "path"), SIGNED)
def test_signed_calls_that_fit_the_document(described: Described, method: str, path: str) -> None:
    """A rightly signed call with a body as described is never 401 and never a fault of the gateway or of a source."""
    operation = described.operations()[method, path]

    @bounded(30)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def check(case: Case[Any]) -> None:
        answer = described.send(case, sign=True)
        assert answer.status_code in (200, 201, 202, 400, 403, 404)

    check()


@pytest.mark.parametrize(("method", "path"), sorted(WITH_BODY))
def test_signed_calls_that_do_not_fit_the_document(described: Described, method: str, path: str) -> None:
    """A rightly signed call whose body is not as described is refused as the document says."""
    operation = described.operations()[method, path]

    @bounded(30)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE).filter(has_wrong_body))
    def check(case: Case[Any]) -> None:
        answer = described.send(case, sign=True)
        assert answer.status_code in (400, 403, 413, 415)

    check()


@pytest.mark.parametrize(("method", "path"), SIGNED)
def test_unsigned_calls(described: Described, method: str, path: str) -> None:
    """A call without a token is refused, whatever it carries."""
    operation = described.operations()[method, path]

    @bounded(12)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def check(case: Case[Any]) -> None:
        answer = described.send(case, sign=False)
        assert 400 <= answer.status_code < 500

    check()


def test_open_documents(described: Described) -> None:
    """What needs no token is served as described, for any path parameter."""
    opened = [operation for key, operation in described.operations().items() if key not in SIGNED]
    assert {operation.path for operation in opened} >= {"/openapi.json", "/problems/{code}"}
    for operation in opened:

        @bounded(8)
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def check(case: Case[Any]) -> None:
            assert described.send(case, sign=False).status_code in (200, 404)

        check()


@pytest.mark.parametrize(("method", "path"), sorted(DEFERRABLE))
def test_deferred_calls_are_answered_as_described(described: Described, method: str, path: str) -> None:
    """The example of a call, deferred, is promised with 202; its job is 202 and then 200, all of it as described."""
    job = _deferred(described, method, path)
    reading = described.operations()["GET", "/v1/jobs/{id}"].Case(path_parameters={"id": job})
    procedure = RESIDENCE if path.endswith("/prefill") else THREE
    ends = time.monotonic() + TIMEOUT_SECONDS
    while (answer := described.send(reading, sign=True, procedure=procedure)).status_code != 200:
        assert answer.status_code == 202
        assert time.monotonic() < ends


def _deferred(described: Described, method: str, path: str) -> str:
    operation = described.operations()[method, path]
    shown = operation.definition.raw["requestBody"]["content"]["application/json"]
    case = operation.Case(body=shown["example"], media_type="application/json", headers={"Prefer": "respond-async"})
    answer = described.send(case, sign=True, procedure=RESIDENCE if path.endswith("/prefill") else THREE)
    assert answer.status_code == 202
    job: str = answer.json()["job"]
    return job


@pytest.mark.parametrize(
    ("method", "path"), [call for call in SIGNED if ("{" not in call[1] or "{code}" in call[1]) and call not in NAMING]
)
def test_the_examples_of_the_document_are_answered(described: Described, method: str, path: str) -> None:
    """The body the document shows for a call, signed, is answered as described, with success."""
    operation = described.operations()[method, path]
    shown = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    case = operation.Case(
        path_parameters={"code": THREE} if "{code}" in path else {},
        **({"body": shown["example"], "media_type": "application/json"} if "example" in shown else {}),
    )
    # the example of a pre-fill is one of the residence procedure, whose form has the declared fields
    procedure = RESIDENCE if path.endswith("/prefill") else THREE
    assert described.send(case, sign=True, procedure=procedure).status_code in (200, 201)


def test_what_was_made_is_read_as_described(described: Described) -> None:
    """A pre-fill has its preview, a report of an error its status."""
    operations = described.operations()
    test_the_examples_of_the_document_are_answered(described, "POST", "/v1/dossiers/prefill")
    preview = operations["GET", "/v1/dossiers/{dossier}/preview"].Case(path_parameters={"dossier": PURPOSE["dossier"]})
    assert described.send(preview, sign=True, procedure=RESIDENCE).status_code == 200
    report = operations["POST", "/v1/corrections"]
    shown = report.definition.raw["requestBody"]["content"]["application/json"]["example"]
    made = described.send(report.Case(body=shown, media_type="application/json"), sign=True)
    reading = operations["GET", "/v1/corrections/{correction}"]
    case = reading.Case(path_parameters={"correction": made.json()["correction"]})
    assert described.send(case, sign=True).json() == made.json()
