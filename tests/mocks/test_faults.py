"""Faults on real connections, and the plan that says which call they hit."""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.control import MockApp, mock_app
from mocks.faults import GENERIC, XML_ONLY, Active, Fault, FaultPlan, faulty
from mocks.population.variants import PRESETS
from mocks.server import serving

_BODY = b'<?xml version="1.0"?><answer>' + b"x" * 400 + b"</answer>"


def _app() -> MockApp:
    async def serve(request: Request) -> Response:
        good = Response(_BODY, headers={"content-type": "text/xml"})
        return faulty(request.app.state.faults.take("subject"), good)

    routes = [Route("/", serve, methods=["POST"])]
    return mock_app("any", routes, variant=PRESETS["live"], presets=PRESETS, faults=XML_ONLY)


@asynccontextmanager
async def _served(fault: Fault, seconds: float | None = None) -> AsyncIterator[httpx.AsyncClient]:
    app = _app()
    app.state.faults.set(fault, seconds=seconds)
    async with serving({"any": app}) as urls, httpx.AsyncClient(base_url=urls["any"], timeout=30) as client:
        yield client


async def _post(fault: Fault) -> httpx.Response:
    async with _served(fault) as client:
        return await client.post("/")


@pytest.mark.parametrize(
    ("fault", "status", "kind", "body"),
    [
        (Fault.HTTP_500, 500, "text/plain; charset=utf-8", b"internal server error"),
        (Fault.HTTP_503, 503, "text/plain; charset=utf-8", b"service unavailable"),
        (Fault.HTTP_404, 404, "text/plain; charset=utf-8", b"not found"),
        (Fault.EMPTY_BODY, 200, "text/xml", b""),
        (Fault.REDIRECT, 302, None, b""),
    ],
)
async def test_answers_that_are_none(fault: Fault, status: int, kind: str | None, body: bytes) -> None:
    """Errors, an empty body and a redirect arrive as they are named."""
    response = await _post(fault)
    assert (response.status_code, response.headers.get("content-type"), response.content) == (status, kind, body)


async def test_malformed_is_the_half_and_rubbish() -> None:
    """Half of the good body, then bytes that are neither XML nor JSON."""
    response = await _post(Fault.MALFORMED)
    assert response.content.startswith(_BODY[: len(_BODY) // 2])
    assert response.content != _BODY


async def test_another_content_type_is_a_page() -> None:
    """An HTML page comes with status 200."""
    response = await _post(Fault.WRONG_CONTENT_TYPE)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.RESET_MID_BODY, Fault.TRUNCATED_CONTENT_LENGTH])
async def test_cut_connections_are_cut(fault: Fault) -> None:
    """The client sees the connection end before the answer does."""
    with pytest.raises(httpx.TransportError) as caught:
        await _post(fault)
    assert not isinstance(caught.value, httpx.TimeoutException)


async def test_a_reset_comes_after_the_first_half() -> None:
    """Status, headers and some of the body arrive before the connection breaks."""
    async with _served(Fault.RESET_MID_BODY) as client, client.stream("POST", "/") as response:
        assert (response.status_code, response.headers["content-length"]) == (200, str(len(_BODY)))
        with pytest.raises(httpx.TransportError):
            await response.aread()


async def test_slow_answers_late_and_well() -> None:
    """A slow answer is the good one, after the wanted time."""
    async with _served(Fault.SLOW, 0.2) as client:
        began = time.monotonic()
        response = await client.post("/")
    assert time.monotonic() - began >= 0.2
    assert response.content == _BODY


async def test_hanging_never_answers() -> None:
    """A hanging call gives nothing until its caller leaves, and then costs nothing."""
    async with _served(Fault.HANG) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/", timeout=httpx.Timeout(30, read=0.2))


async def test_hanging_may_end_by_itself() -> None:
    """After `seconds` a hanging connection is aborted."""
    async with _served(Fault.HANG, 0.1) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.post("/")


async def test_an_oversized_body_does_not_end_early() -> None:
    """More than eight MiB come, beginning with the good body; leaving in the middle is no trouble."""
    async with _served(Fault.OVERSIZED) as client, client.stream("POST", "/") as response:
        size, first = 0, b""
        async for part in response.aiter_raw():
            first = first or part
            size += len(part)
            if size > 8 * 1024 * 1024:
                break
    assert first.startswith(_BODY)
    assert size > 8 * 1024 * 1024


async def test_a_gzip_bomb_is_small_and_grows() -> None:
    """The first compressed bytes already hold far more than they are."""
    async with _served(Fault.GZIP_BOMB) as client, client.stream("POST", "/") as response:
        compressed = b"".join([part async for part in response.aiter_raw()])
    assert response.headers["content-encoding"] == "gzip"
    assert len(compressed) < 2 * 1024 * 1024
    inflated = zlib.decompressobj(wbits=31).decompress(compressed, 1024 * 1024 * 64)
    assert len(inflated) >= 1024 * 1024


@pytest.mark.parametrize(("fault", "mark"), [(Fault.DTD, b"<!DOCTYPE any SYSTEM"), (Fault.ENTITY_BOMB, b"&e9;")])
async def test_document_types_stand_after_the_declaration(fault: Fault, mark: bytes) -> None:
    """The good body remains, behind a document type declaration."""
    content = (await _post(fault)).content
    assert mark in content
    assert content.startswith(b'<?xml version="1.0"?><!DOCTYPE any')
    assert b"<answer>" in content


async def test_a_source_that_has_a_fault_itself_gets_the_good_answer() -> None:
    """A fault that is not generic leaves the response alone."""
    assert (await _post(Fault.WRONG_SUBJECT)).content == _BODY


async def test_one_connection_does_not_harm_another() -> None:
    """While one call hangs, others are answered."""
    app = _app()
    app.state.faults.set(Fault.HANG, 1)
    async with serving({"any": app}) as urls, httpx.AsyncClient(base_url=urls["any"], timeout=30) as client:
        hanging = asyncio.create_task(client.post("/"))
        async with asyncio.timeout(30):
            while not app.state.faults.calls:  # noqa: ASYNC110  # the server has no event for it
                await asyncio.sleep(0.01)
        assert (await client.post("/")).content == _BODY
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)


async def test_without_a_connection_cutting_it_is_an_error() -> None:
    """Under a server without a transport a fault that needs one says so."""
    app = _app()
    app.state.faults.set(Fault.REFUSE)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
        with pytest.raises(RuntimeError, match="uvicorn"):
            await client.post("/")


@given(st.integers(1, 20), st.integers(0, 40))
def test_a_plan_hits_as_many_calls_as_told(count: int, calls: int) -> None:
    """The first `count` calls are hit, the rest are not, all are counted."""
    plan = FaultPlan()
    plan.set(Fault.HTTP_500, count)
    taken = [plan.take("a") for _ in range(calls)]
    hit = min(count, calls)
    assert taken == [Active(Fault.HTTP_500)] * hit + [None] * (calls - hit)
    assert plan.calls == calls
    assert plan.left == (count - hit or None)


def test_a_plan_may_mean_one_subject_only() -> None:
    """Calls about somebody else are neither hit nor used up."""
    plan = FaultPlan()
    plan.set(Fault.SLOW, 1, subject="a", seconds=0.5)
    assert [plan.take("b"), plan.take(), plan.take("a"), plan.take("a")] == [None, None, Active(Fault.SLOW, 0.5), None]


def test_a_plan_forgets() -> None:
    """Clearing keeps the counters, a reset does not."""
    plan = FaultPlan()
    plan.set(Fault.SLOW)
    plan.refuse()
    assert plan.take() == Active(Fault.SLOW)
    plan.clear()
    assert (plan.take(), plan.calls, plan.refused) == (None, 2, 1)
    plan.reset()
    assert (plan.fault, plan.calls, plan.refused) == (None, 0, 0)


def test_every_generic_fault_changes_the_answer() -> None:
    """No fault is forgotten: each generic one replaces the good response."""
    good = Response(_BODY)
    assert all(faulty(Active(fault), good) is not good for fault in GENERIC | XML_ONLY)
    assert all(faulty(Active(fault), good) is good for fault in set(Fault) - GENERIC - XML_ONLY)
    assert faulty(None, good) is good
