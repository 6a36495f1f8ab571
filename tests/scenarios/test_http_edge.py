"""The listening socket of a running gateway: whatever arrives, the answer is signed and says what to do."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from gateway import server
from gateway.api import app as api
from gateway.client import trust
from gateway.edge.limits import Limits
from gateway.ops import app as ops
from signing import digest
from tests.gateway.edge.wire import Answer, calling, listening
from tests.helpers.stack import PERSON, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/v1/persons/verify"
BODY = json.dumps(PERSON, ensure_ascii=False).encode()
H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def port(running: Stack) -> AsyncIterator[int]:
    """A port of the same gateway, with the edge in front."""
    state = running.gateway.state
    async with listening(api.build(state), server.public_edge(state, Limits())) as (opened, _):
        yield opened


def _signed(up: Stack) -> str:
    token, covered = up.token(PATH, BODY)
    return f"Authorization: Bearer {token}\r\nContent-Digest: {covered}\r\n"


def _request(
    up: Stack,
    *,
    target: str = PATH,
    host: str = "Host: gateway.example\r\n",
    extra: str = "",
    framing: str = f"Content-Length: {len(BODY)}\r\n",
    body: bytes = BODY,
) -> bytes:
    head = f"POST {target} HTTP/1.1\r\n{host}{_signed(up)}Content-Type: application/json\r\n{framing}{extra}\r\n"
    return head.encode("latin-1") + body


def _chunked(trailers: str = "") -> bytes:
    return f"{len(BODY):x}\r\n".encode() + BODY + f"\r\n0\r\n{trailers}\r\n".encode()


async def _asked(port: int, sent: bytes) -> Answer:
    async with calling(port) as caller:
        await caller.send(sent)
        return await caller.answer()


async def _trusted(up: Stack) -> trust.Trust:
    documents = [(await up.http.get(f"{up.base_url}/.well-known/{name}")).json() for name in ("gateway", "jwks.json")]
    return trust.from_documents(*documents)


def _verified(answer: Answer, known: trust.Trust, *, sent: bytes = b"") -> None:
    """The signature verifies, and names the token where the gateway got as far as reading it."""
    given = re.search(rb"Authorization: (\S+ \S+)\r\n", sent)
    request = httpx.Request("POST", known.issuer, headers={"authorization": given[1].decode()} if given else {})
    response = httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body, request=request)
    claims, _ = trust.verified(response, known, caller=None)
    assert claims["status"] == answer.status
    assert claims["digest"] == digest.content_digest(answer.body) == answer.headers["content-digest"]


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"nonsense\r\n\r\n", id="nonsense"),
        pytest.param(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", id="connect"),
        pytest.param(b"GET /v1/\xff HTTP/1.1\r\nHost: a\r\n\r\n", id="byte-beyond-ascii"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\n\n", id="bare-line-feeds"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", id="two-lengths"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            id="length-and-chunks",
        ),
    ],
)
async def test_what_cannot_be_parsed_gets_a_signed_problem(up: Stack, port: int, sent: bytes) -> None:
    """Even without a request there is a problem+json whose signature verifies against the published keys."""
    answer = await _asked(port, sent)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.document["code"] == "body_malformed"
    assert answer.document["instance"].startswith("urn:uuid:")
    assert "RFC 9112" in answer.document["detail"] or "CONNECT" in answer.document["detail"]
    _verified(answer, await _trusted(up))


async def test_a_head_that_is_too_large_gets_a_signed_problem(up: Stack, port: int) -> None:
    """The limit is named, and the refusal is counted like every other."""
    answer = await _asked(port, b"GET /docs HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 300_000 + b"\r\n\r\n")
    assert (answer.status, answer.document["code"]) == (413, "body_too_large")
    assert "32768" in answer.document["detail"]
    _verified(answer, await _trusted(up))
    assert 'lienthong_rejected_total{code="body_too_large"}' in (await up.http.get(f"{up.ops_url}/metrics")).text


async def test_a_token_of_the_largest_size_fits_the_head(up: Stack, port: int) -> None:
    """A token of 16 KiB is read and refused as a token, not as a head."""
    sent = _request(up).replace(b"Bearer ", b"Bearer " + b"a" * 15_000)
    assert (await _asked(port, sent)).status == 401


async def test_a_token_in_the_trailers_is_no_token(up: Stack, port: int) -> None:
    """What stands only behind the body is not read, also when it arrives in the same packet."""
    head = f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await _asked(port, head.encode() + _chunked(_signed(up)))
    assert (answer.status, answer.document["code"]) == (401, "authorization_missing")


async def test_trailers_do_not_disturb_a_signed_call(up: Stack, port: int) -> None:
    """A second digest behind the body is not a second header."""
    sent = _request(up, framing="Transfer-Encoding: chunked\r\n", body=_chunked("Content-Digest: z\r\n"))
    assert (await _asked(port, sent)).document == {"match": True}


async def test_a_client_that_offers_http_2_is_served_over_http_1(up: Stack, port: int) -> None:
    """`Upgrade: h2c` beside a body, as common clients send it, is answered as if it were not there."""
    async with calling(port) as caller:
        for _ in range(2):
            await caller.send(_request(up, extra=H2C))
            assert (await caller.answer()).document == {"match": True}
        await caller.send(
            _request(up, framing="Transfer-Encoding: chunked\r\n", body=_chunked(), extra=H2C) + _request(up)
        )
        assert [(await caller.answer()).document for _ in range(2)] == [{"match": True}] * 2


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"host": ""}, 400, "body_malformed", id="no-host"),
        pytest.param({"host": "Host: a\r\nHost: b\r\n"}, 400, "body_malformed", id="two-hosts"),
        pytest.param({"target": f"http://evil.example{PATH}"}, 400, "body_malformed", id="another-host"),
        pytest.param({"target": f"{PATH}#x"}, 400, "body_malformed", id="fragment"),
        pytest.param({"target": f"{PATH}?"}, 400, "query_not_allowed", id="empty-query"),
        pytest.param(
            {"framing": "Transfer-Encoding: gzip, chunked\r\n", "body": _chunked()}, 400, "body_malformed", id="gzip"
        ),
        pytest.param({"extra": "Content-Type: text/plain\r\n"}, 415, "content_type_wrong", id="two-types"),
        pytest.param(
            {"extra": "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"},
            415,
            "content_type_wrong",
            id="two-codings",
        ),
    ],
)
async def test_what_two_programs_may_read_differently_is_refused(
    up: Stack, port: int, changes: dict[str, object], status: int, code: str
) -> None:
    """The same signed call passes without the change, and the refusal with it is signed."""
    assert (await _asked(port, _request(up))).document == {"match": True}
    sent = _request(up, **changes)  # type: ignore[arg-type]
    answer = await _asked(port, sent)
    assert (answer.status, answer.document["code"]) == (status, code)
    _verified(answer, await _trusted(up), sent=sent)


async def test_the_absolute_address_of_this_gateway_is_served(up: Stack, port: int) -> None:
    """A caller may write the public address into the request line (RFC 9112 section 3.2.2)."""
    assert (await _asked(port, _request(up, target=f"{up.base_url}{PATH}"))).document == {"match": True}


async def test_the_operations_port_has_the_same_limits(up: Stack) -> None:
    """A head that is too large is refused there too; a probe is answered."""
    gateway = up.gateway
    edge = server.operations_edge(gateway.state, Limits())
    async with listening(ops.build(gateway.registry, gateway.health, gateway.door), edge) as (opened, _):
        probe = await _asked(opened, b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        large = await _asked(opened, b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 40_000 + b"\r\n\r\n")
    assert (probe.status, probe.document) == (200, {"status": "live"})
    assert (large.status, large.headers["content-type"]) == (413, "application/problem+json")
