"""A signed call of which one bit was changed on the way is refused, over raw sockets, and no registry hears of it."""

import asyncio
import json
from dataclasses import dataclass, replace
from itertools import permutations
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api.routes import ROUTES, Route
from gateway.model import Call
from signing import jws
from signing.keys import KeySigner
from tests.helpers.stack import PERSON, Portal, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/v1/persons/lookup"
BODY = json.dumps(PERSON, ensure_ascii=False).encode()
# the stack serves all examples, and how long one takes says nothing about the call
_bounded = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True, slots=True)
class Wire:
    """The parts of a request as bytes, so that any of them can be spoilt."""

    method: bytes
    path: bytes
    token: bytes
    digest: bytes
    body: bytes

    def spoilt(self, part: str, position: int, bit: int) -> "Wire":
        """With one bit of one part changed. `position` is taken modulo the part's length."""
        value = bytearray(getattr(self, part))
        value[position % len(value)] ^= 1 << bit
        return replace(self, **{part: bytes(value)})

    def request(self, host: str) -> bytes:
        """The request, with a Content-Length that fits."""
        lines = (
            self.method + b" " + self.path + b" HTTP/1.1",
            b"Host: " + host.encode(),
            b"Connection: close",
            b"Content-Type: application/json",
            b"Content-Length: %d" % len(self.body),
            b"Authorization: Bearer " + self.token,
            b"Content-Digest: " + self.digest,
        )
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


@dataclass(frozen=True, slots=True)
class Received:
    """A status, and the body where there is one."""

    status: int
    body: bytes


def signed(up: Stack) -> Wire:
    """A right call, signed anew."""
    token, digest = up.token(PATH, BODY)
    assert digest is not None
    return Wire(b"POST", PATH.encode(), token.encode(), digest.encode(), BODY)


async def send(up: Stack, wire: Wire) -> Received:
    """One request over a socket of its own, written byte for byte."""
    place = urlsplit(up.base_url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(wire.request(place.netloc))
        await writer.drain()
        received = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = received.partition(b"\r\n\r\n")
    return Received(int(head.split(b" ", 2)[1]), body)


async def asked(up: Stack) -> int:
    """How many calls the registries have had since they were last reset."""
    states = await asyncio.gather(*(up.mock(source, "state") for source in up.mocks))
    return sum(state["calls"] for state in states)


async def _refused(up: Stack, part: str, position: int, bit: int) -> None:
    before = await asked(up)
    received = await send(up, signed(up).spoilt(part, position, bit))
    assert 400 <= received.status < 500
    assert await asked(up) == before


positions, bits = st.integers(min_value=0, max_value=2047), st.integers(min_value=0, max_value=7)


async def test_the_unspoilt_call_is_answered(up: Stack) -> None:
    """The same request with no bit changed is answered and reaches the registry: the sender is right."""
    received = await send(up, signed(up))
    assert received.status == 200
    assert json.loads(received.body)["found"] is True
    assert await asked(up) > 0


@settings(_bounded, max_examples=200)
@given(position=positions, bit=bits)
async def test_a_bit_of_the_token(running: Stack, position: int, bit: int) -> None:
    """One changed bit anywhere in the token is refused."""
    await _refused(running, "token", position, bit)


@settings(_bounded, max_examples=100)
@given(position=positions, bit=bits)
async def test_a_bit_of_the_body(running: Stack, position: int, bit: int) -> None:
    """One changed bit anywhere in the body is refused."""
    await _refused(running, "body", position, bit)


@settings(_bounded, max_examples=100)
@given(position=positions, bit=bits)
async def test_a_bit_of_the_content_digest(running: Stack, position: int, bit: int) -> None:
    """One changed bit anywhere in the Content-Digest header is refused."""
    await _refused(running, "digest", position, bit)


@settings(_bounded, max_examples=60)
@given(position=positions, bit=bits)
async def test_a_bit_of_the_path(running: Stack, position: int, bit: int) -> None:
    """One changed bit anywhere in the path is refused."""
    await _refused(running, "path", position, bit)


@settings(_bounded, max_examples=32)
@given(position=positions, bit=bits)
async def test_a_bit_of_the_method(running: Stack, position: int, bit: int) -> None:
    """One changed bit anywhere in the method is refused."""
    await _refused(running, "method", position, bit)


async def test_every_bit_of_the_signature_counts(up: Stack) -> None:
    """Each changed bit in the last eight characters of the signature is refused, also one base64url does not use."""
    length = len(signed(up).token)
    refused = [
        (await send(up, signed(up).spoilt("token", length - back, bit))).status
        for back in range(1, 9)
        for bit in range(8)
    ]
    assert all(400 <= status < 500 for status in refused)
    assert await asked(up) == 0


def _path(route: Route) -> str:
    return route.path.replace("{code}", "1.004222")


async def test_a_call_signed_for_one_address_is_refused_at_every_other(up: Stack) -> None:
    """A token for one call of the API, sent to any other, is refused; `debug/verify` says that it is not valid."""
    for made, sent in permutations(ROUTES, 2):
        body = BODY if made.method == "POST" else None
        token, digest = up.token(_path(made), body, method=made.method)
        answered = await up.send(_path(sent), body, token, digest, method=sent.method)
        if sent.call is Call.DEBUG_VERIFY:
            assert answered.json()["valid"] is False
        else:
            assert answered.status_code in (401, 415), (made.path, sent.path)
    assert await asked(up) == 0


def _signed_by(up: Stack, holder: str, kid: str, iss: str) -> Wire:
    """A call whose signature is by `holder`'s key, under any name and for any portal."""
    held = up.portals[holder]
    up.portals["forger"] = Portal(iss, KeySigner(kid, held.signer.alg, held.signer.private_key))
    try:
        token, digest = up.token(PATH, BODY, agency="forger")
    finally:
        del up.portals["forger"]
    assert digest is not None
    said = jws.parse(token)
    assert (said.header["kid"], said.claims()["iss"]) == (kid, iss)
    return Wire(b"POST", PATH.encode(), token.encode(), digest.encode(), BODY)


@pytest.mark.parametrize(
    ("holder", "kid", "iss", "code"),
    [
        ("H41", "h41-test", "H14", "key_not_yours"),
        ("H41", "h14-test", "H14", "signature_invalid"),
        ("H14", "h41-test", "H14", "signature_invalid"),
        ("H14", "h14-test", "H41", "key_not_yours"),
        ("H14", "h14-test", "H14.5", "key_not_yours"),
    ],
)
async def test_no_portal_speaks_for_another(up: Stack, holder: str, kid: str, iss: str, code: str) -> None:
    """A token in one portal's name, signed with another's key, is refused."""
    received = await send(up, _signed_by(up, holder, kid, iss))
    assert (received.status, json.loads(received.body)["code"]) == (401, code)
    assert await asked(up) == 0
