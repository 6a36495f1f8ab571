"""Tests of the client: what it sends, what it believes, how it fails."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.client import AnswerNotTrusted, GatewayClient, Problem, Trust, Unreachable
from gateway.client.trust import from_documents
from signing import algorithms, jwk
from signing.encoding import base64_standard, from_base64url
from signing.keys import KeySigner
from signing.notes import Checkpoint
from signing.response import HEADER
from tests.gateway.client.fake import (
    AT,
    ISSUER,
    ORIGIN,
    PERSON,
    PURPOSE,
    Fake,
    client,
    log_signer,
    resigned,
)
from tests.helpers.tamper import tampered


async def _code(fake: Fake, **changes: Any) -> str:
    async with client(fake, **changes) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.verify_person(**PERSON)
    return caught.value.code


async def test_a_verified_answer() -> None:
    """An answer comes back with its claims and a receipt the log vouches for."""
    fake = Fake()
    async with client(fake) as portal:
        answer = await portal.verify_person(**PERSON)
    assert answer.document == {"match": True}
    assert (answer.claims["aud"], answer.claims["iat"]) == ("H14", int(AT.timestamp()))
    assert answer.receipt is not None
    assert (answer.receipt.origin, answer.receipt.index, answer.receipt.size) == (ORIGIN, 7, 8)
    assert answer.request_token == fake.requests[-1].headers["Authorization"].removeprefix("Bearer ")


CALLS: list[tuple[Callable[[GatewayClient], Any], str, str, Any]] = [
    (lambda c: c.verify_person(**PERSON), "POST", "/v1/persons/verify", PERSON),
    (lambda c: c.lookup_person(**PERSON), "POST", "/v1/persons/lookup", PERSON),
    (
        lambda c: c.lookup_person(**PERSON, fields=["person.sex"]),
        "POST",
        "/v1/persons/lookup",
        {**PERSON, "fields": ["person.sex"]},
    ),
    (
        lambda c: c.lookup_enterprise("0100109106", fields=["enterprise.name"]),
        "POST",
        "/v1/enterprises/lookup",
        {"enterprise_code": "0100109106", "fields": ["enterprise.name"]},
    ),
    (lambda c: c.lookup_taxpayer("0100109106"), "POST", "/v1/taxpayers/lookup", {"tax_code": "0100109106"}),
    (
        lambda c: c.prefill({"applicant": PERSON}, {"phone": "1"}),
        "POST",
        "/v1/dossiers/prefill",
        {"subjects": {"applicant": PERSON}, "declared": {"phone": "1"}},
    ),
    (
        lambda c: c.prefill({"applicant": PERSON}),
        "POST",
        "/v1/dossiers/prefill",
        {"subjects": {"applicant": PERSON}},
    ),
    (lambda c: c.procedures(), "GET", "/v1/procedures", None),
    (lambda c: c.procedure("1.004222"), "GET", "/v1/procedures/1.004222", None),
    (lambda c: c.debug_verify(b'{"a":1}'), "POST", "/v1/debug/verify", {"a": 1}),
    (lambda c: c.debug_verify(), "POST", "/v1/debug/verify", None),
]


@pytest.mark.parametrize(("call", "method", "path", "body"), CALLS)
async def test_every_call_is_what_the_contract_says(
    call: Callable[[GatewayClient], Any], method: str, path: str, body: Any
) -> None:
    """Method, path and body of each call; no query, no compression."""
    fake = Fake()
    async with client(fake) as portal:
        await call(portal)
    sent = fake.requests[-1]
    assert (sent.method, sent.url.raw_path.decode()) == (method, path)
    assert (json.loads(sent.content) if sent.content else None) == body
    assert sent.headers.get("Content-Type") == ("application/json" if body else None)
    assert sent.headers["Accept-Encoding"] == "identity"


async def test_a_purpose_for_one_call() -> None:
    """A purpose given with a call takes the place of the client's."""
    fake = Fake()
    async with client(fake) as portal:
        await portal.procedures(purpose={**PURPOSE, "dossier": "H14-2"})
        await portal.procedures()
    dossiers = []
    for request in fake.requests[-2:]:
        payload = request.headers["Authorization"].split(".")[1]
        dossiers.append(json.loads(from_base64url(payload))["purpose"]["dossier"])
    assert dossiers == ["H14-2", "H14-1"]


async def test_a_problem_is_raised_with_what_it_says() -> None:
    """A signed problem+json becomes a Problem with all its members."""
    said = {
        "code": "value_invalid",
        "title": "A value is not valid",
        "detail": "Mend it.",
        "fault": "caller",
        "instance": "urn:uuid:1",
        "errors": [{"pointer": "/birth_date", "code": "value_invalid", "detail": "x"}],
    }
    async with client(Fake(status=400, document=said, headers={"Retry-After": "7"})) as portal:
        with pytest.raises(Problem) as caught:
            await portal.verify_person(**PERSON)
    problem = caught.value
    assert (problem.status, problem.code, problem.fault, problem.retry_after) == (400, "value_invalid", "caller", 7)
    assert problem.errors[0]["pointer"] == "/birth_date"
    assert problem.entry == 7
    assert str(problem) == "400 value_invalid: Mend it."


async def test_a_problem_of_an_unknown_caller_is_believed() -> None:
    """A signed refusal that could not be attributed has no audience and no entry, and is believed all the same."""
    async with client(Fake(status=401, document={"code": "key_unknown"}, known=False)) as portal:
        with pytest.raises(Problem) as caught:
            await portal.verify_person(**PERSON)
    assert (caught.value.code, caught.value.entry, caught.value.retry_after) == ("key_unknown", None, None)


async def test_every_tampered_signature_is_refused() -> None:
    """No altered form of the signature header passes."""
    good: list[str] = []

    def keep(answer: httpx.Response) -> httpx.Response:
        good.append(answer.headers[HEADER])
        return answer

    fake = Fake(spoil=keep)
    async with client(fake) as portal:
        await portal.verify_person(**PERSON)
        # the nonce makes each question new, so even the untouched signature of the last answer is refused now
        for name, altered in [*tampered(good[0]), ("of another question", good[0])]:

            def spoil(answer: httpx.Response, altered: str = altered) -> httpx.Response:
                answer.headers[HEADER] = altered
                return answer

            fake.spoil = spoil
            with pytest.raises(AnswerNotTrusted):
                pytest.fail(f"{name}: {await portal.verify_person(**PERSON)}")


def _with(**changes: Any) -> Callable[[httpx.Response], httpx.Response]:
    def spoil(answer: httpx.Response) -> httpx.Response:
        headers = dict(answer.headers) | changes.get("headers", {})
        for name in changes.get("without", ()):
            headers.pop(name, None)
        content = changes.get("content", answer.content)
        headers["content-length"] = str(len(content))
        return httpx.Response(changes.get("status", answer.status_code), content=content, headers=headers)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_with(without=["gateway-signature"]), "signature_missing"),
        (_with(without=["content-digest"]), "digest_missing"),
        (_with(content=b'{"match": false}'), "digest_mismatch"),
        (_with(status=201), "status_mismatch"),
        (_with(status=401), "status_mismatch"),
        (_with(status=302, headers={"location": "https://example.org"}), "status_mismatch"),
        (_with(headers={"gateway-signature": "x"}), "token_malformed"),
    ],
)
async def test_what_is_changed_on_the_way_is_refused(
    spoil: Callable[[httpx.Response], httpx.Response], code: str
) -> None:
    """A missing signature or digest, another body and another status are noticed."""
    assert await _code(Fake(spoil=spoil)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"iss": "https://another.example.org"}, "issuer_wrong"),
        ({"aud": "H15"}, "audience_wrong"),
        ({"req": "x"}, "request_mismatch"),
        ({"req": None}, "request_mismatch"),
    ],
)
async def test_answers_to_others_are_refused(change: dict[str, Any], code: str) -> None:
    """A good signature over an answer to another portal or question does not pass."""
    fake = Fake()
    fake.spoil = lambda answer: resigned(answer, fake.signer, change)
    assert await _code(fake) == code


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"checkpoint": "no note"}, "receipt_untrusted"),
        ({"checkpoint": log_signer(2).sign(Checkpoint(ORIGIN, 8, bytes(32)).body())}, "receipt_untrusted"),
        ({"checkpoint": log_signer().sign(Checkpoint("another/log", 8, bytes(32)).body())}, "receipt_untrusted"),
        ({"checkpoint": log_signer().sign("not a checkpoint\n")}, "receipt_untrusted"),
        ({"checkpoint": log_signer().sign(Checkpoint(ORIGIN, 7, bytes(32)).body())}, "receipt_inconsistent"),
        ({"index": 8}, "receipt_inconsistent"),
        ({"log": "another/log"}, "receipt_inconsistent"),
        ({"leaf": base64_standard(bytes(31))}, "claim_invalid"),
    ],
)
async def test_poor_receipts_are_refused(entry: dict[str, Any], code: str) -> None:
    """A checkpoint by another key, of another log, or of a tree without the entry is refused, though well signed."""
    assert await _code(Fake(entry=entry)) == code


async def test_a_body_that_is_no_object_is_refused() -> None:
    """A well-signed answer that is not a JSON object is refused, as an answer and as a problem."""
    assert await _code(Fake(document=["x"])) == "answer_malformed"
    assert await _code(Fake(document="x", status=500)) == "answer_malformed"


@pytest.mark.parametrize("status", [200, 500])
async def test_a_body_nested_without_end_is_refused(status: int) -> None:
    """A well-signed answer deeper than a reader follows is malformed, like any other that is not a JSON object."""
    assert await _code(Fake(status=status, raw=b"[" * 100_000)) == "answer_malformed"


async def test_key_documents_nested_without_end_are_refused() -> None:
    """What the gateway says of itself is read before it can be verified, so any depth may come."""

    def nested(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"[" * 100_000)

    async with client(nested) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.verify_person(**PERSON)
    assert caught.value.code == "answer_malformed"


async def test_keys_are_asked_for_once() -> None:
    """Calls side by side ask for the gateway's keys once between them."""
    fake = Fake()
    async with client(fake) as portal:
        await asyncio.gather(*(portal.procedures() for _ in range(5)))
    assert [r.url.path for r in fake.requests].count("/.well-known/jwks.json") == 1


async def test_a_new_key_is_fetched() -> None:
    """After the gateway changed its signing key, one more look at its keys is enough."""
    fake = Fake()
    async with client(fake) as portal:
        await portal.procedures()
        fake.signer = KeySigner("gw-2", "ES256", algorithms.generate("ES256"))
        await portal.procedures()
        await portal.procedures()
    assert [r.url.path for r in fake.requests].count("/.well-known/jwks.json") == 2


async def test_the_log_is_not_changed_in_passing() -> None:
    """A changed signing key is taken, another log or another name along with it is not."""
    for change in (
        {"log": log_signer(2)},
        {"metadata": {"issuer": "https://b.example.org"}, "claims": {"iss": "https://b.example.org"}},
    ):
        fake = Fake()
        async with client(fake) as portal:
            await portal.procedures()
            fake.signer = KeySigner("gw-2", "ES256", algorithms.generate("ES256"))
            for name, value in change.items():
                setattr(fake, name, value)
            with pytest.raises(AnswerNotTrusted) as caught:
                await portal.procedures()
        assert caught.value.code in ("log_key_wrong", "audience_wrong")


def _trust(fake: Fake) -> Trust:
    log = {"origin": ORIGIN, "public_key": fake.log.vkey}
    return from_documents({"issuer": ISSUER, "log": log}, jwk.to_jwks([fake.signer]))


async def test_pinned_keys_are_not_asked_for() -> None:
    """With pinned trust nothing but the call itself is sent, and another key is refused for good."""
    fake = Fake()
    trust = _trust(fake)
    async with client(fake, trust=trust) as portal:
        await portal.procedures()
    fake.signer = KeySigner("gw-2", "ES256", algorithms.generate("ES256"))
    assert await _code(fake, trust=trust) == "key_unknown"
    assert {r.url.path for r in fake.requests} == {"/v1/procedures", "/v1/persons/verify"}


async def test_what_is_expected_of_the_gateway_is_held_against_it() -> None:
    """An expected name or log key that the gateway does not have is an end before any call."""
    fake = Fake()
    assert await _code(fake, audience="https://b.example.org") == "audience_wrong"
    assert await _code(fake, log_key=log_signer(2).vkey) == "log_key_wrong"
    assert not [r for r in fake.requests if r.url.path.startswith("/v1/")]
    async with client(fake, audience=ISSUER, log_key=fake.log.vkey) as portal:
        await portal.procedures()


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": None},
        {"issuer": 7},
        {"log": None},
        {"log": {"origin": ORIGIN}},
        {"log": {"origin": ORIGIN, "public_key": "x"}},
    ],
)
async def test_a_gateway_that_does_not_describe_itself(metadata: dict[str, Any]) -> None:
    """Metadata without name, log or log key is refused."""
    assert await _code(Fake(metadata=metadata)) == "trust_malformed"


async def test_unsigned_documents_are_refused() -> None:
    """Keys and metadata are answers like any other: without a signature they are not believed."""

    def unsigned(request: httpx.Request) -> httpx.Response:
        answer = fake(request)
        del answer.headers[HEADER]
        return answer

    fake = Fake()
    async with client(unsigned) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.trust()
    assert caught.value.code == "signature_missing"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ConnectError("refused"), "connection_failed"),
        (httpx.ReadError("reset"), "connection_failed"),
        (httpx.RemoteProtocolError("odd"), "connection_failed"),
        (httpx.ConnectTimeout("slow"), "timed_out"),
        (httpx.ReadTimeout("slow"), "timed_out"),
    ],
)
async def test_no_answer(error: Exception, code: str) -> None:
    """A network that fails is told apart from a gateway that answers."""

    def fails(request: httpx.Request) -> httpx.Response:
        raise error

    async with client(fails) as portal:
        with pytest.raises(Unreachable) as caught:
            await portal.procedures()
    assert caught.value.code == code
    assert str(caught.value) == code


async def test_a_missing_document_is_no_description() -> None:
    """A gateway that answers 404 for its keys does not describe itself."""

    def missing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404)

    async with client(missing) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.procedures()
    assert (caught.value.code, caught.value.status) == ("trust_malformed", 404)


async def test_errors_hold_nothing_personal() -> None:
    """Neither the person asked about nor the token shows in an error or in an answer's repr."""
    async with client(Fake()) as portal:
        answer = await portal.verify_person(**PERSON)
    async with client(Fake(spoil=_with(status=500))) as portal:
        with pytest.raises(AnswerNotTrusted) as caught:
            await portal.verify_person(**PERSON)
    for text in (repr(answer), str(caught.value), repr(caught.value)):
        assert not any(value in text for value in PERSON.values())
        assert "eyJ" not in text


def test_the_sdk_drags_in_no_server() -> None:
    """Importing the SDK loads neither server, database nor SOAP libraries, nor any other part of the project."""
    code = (
        "import sys; import gateway.client; "
        "print([m for m in sys.modules if m.split('.')[0] in "
        "('starlette', 'uvicorn', 'sqlalchemy', 'zeep', 'lxml', 'pydantic', 'typer', 'config', 'adapters', 'mocks')"
        " or m.startswith('gateway.') and not m.startswith('gateway.client')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
