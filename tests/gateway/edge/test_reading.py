"""How requests are read: trailers, upgrades, requests sent ahead, and everything that is not HTTP/1.1."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.edge.limits import Limits
from gateway.edge.message import not_upgrading, pieces, printed
from gateway.edge.protocol import TARGET
from tests.gateway.edge.wire import calling, chunked, codes, echo, get, names, post, statuses, until

USUAL = Limits()
H2C = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAAA")


async def test_a_request_reaches_the_application_as_sent() -> None:
    """Path, query and target stand in the scope, the last one with everything the others leave out."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(post(b"abc", "/a%20b?c=d#e", "X-One: 1"))
        assert (await caller.answer()).document == {"path": "/a b", "length": 3}
        scope = seen.requests[0]["scope"]
        assert (scope["raw_path"], scope["query_string"], scope["method"]) == (b"/a%20b", b"c=d", "POST")
        assert scope["extensions"][TARGET]["raw"] == b"/a%20b?c=d#e"
        assert names(seen.requests[0]) == ["host", "content-length", "x-one"]


@pytest.mark.parametrize("whole", [True, False], ids=["in-one-packet", "split"])
async def test_trailers_are_not_headers(whole: bool) -> None:
    """A trailer never becomes a header, whenever it arrives (RFC 9110 section 6.5.1)."""
    sent = chunked(b"abc", "Authorization: Bearer x\r\nContent-Digest: y\r\n", "X-One: 1")
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        cut = len(sent) if whole else sent.index(b"3\r\nabc")
        await caller.send(sent[:cut])
        await asyncio.sleep(0 if whole else 0.1)
        await caller.send(sent[cut:])
        assert (await caller.answer()).document["length"] == 3
        await caller.send(get("/next"))
        assert (await caller.answer()).document["path"] == "/next"
        assert names(seen.requests[0]) == ["host", "transfer-encoding", "x-one"]
        assert names(seen.requests[1]) == ["host"]


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize("chunks", [True, False], ids=["chunked", "content-length"])
async def test_a_wish_to_upgrade_is_not_followed_and_loses_nothing(chunks: bool, step: int) -> None:
    """With `Upgrade: h2c` the body arrives, the connection goes on, and both requests are HTTP/1.1."""
    one = chunked(b"abcdef", "", *H2C) if chunks else post(b"abcdef", "/", *H2C)
    sent = one + post(b"gh", "/two", *H2C)
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        for start in range(0, len(sent), step):
            await caller.send(sent[start : start + step])
            await asyncio.sleep(0)
        assert (await caller.answer()).document == {"path": "/", "length": 6}
        assert (await caller.answer()).document == {"path": "/two", "length": 2}
        assert "upgrade" not in names(seen.requests[0])
        assert "http2-settings" in names(seen.requests[0])
        assert [request["body"] for request in seen.requests] == [b"abcdef", b"gh"]


async def test_a_request_without_body_may_wish_to_upgrade() -> None:
    """A websocket handshake is an ordinary GET here."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(get("/a", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x"))
        answer = await caller.answer()
        assert (answer.status, answer.document["path"]) == (200, "/a")


def test_the_head_without_the_wish_is_the_same_otherwise() -> None:
    """Only the field Upgrade is left out; order, doubles and bytes beyond ASCII stay."""
    lines = [(b"host", b"x"), (b"upgrade", b"h2c"), (b"a", b"\xff"), (b"a", b"")]
    assert not_upgrading(b"GET", b"/a?b", "1.1", lines) == b"GET /a?b HTTP/1.1\r\nhost: x\r\na: \xff\r\na: \r\n\r\n"


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=50))
@settings(max_examples=60)
def test_pieces_are_the_whole(data: bytes, size: int) -> None:
    """Parts are at most as large as asked for, and together they are what was cut."""
    cut = list(pieces(data, size))
    assert b"".join(cut) == data
    assert all(len(piece) <= size for piece in cut)


def test_a_printed_refusal_is_a_complete_response() -> None:
    """Status line, the server's own lines, the refusal's, length, and the end of the connection."""
    made = printed(503, b"{}", {"retry-after": "1"}, server=[(b"date", b"today")])
    assert made == (
        b"HTTP/1.1 503 Service Unavailable\r\ndate: today\r\nretry-after: 1\r\n"
        b"content-length: 2\r\nconnection: close\r\n\r\n{}"
    )
    assert printed(503, b"{}", {"retry-after": "1"}, server=[(b"date", b"today")], to_head=True) + b"{}" == made


async def test_one_connection_serves_one_request_after_another() -> None:
    """Keep-alive: the connection stays open between requests, with and without bodies."""
    async with echo(USUAL) as (port, _, running), calling(port) as caller:
        for number in range(20):
            await caller.send(post(b"a" * number) if number % 2 else get(f"/{number}"))
            assert (await caller.answer()).status == 200
        assert len(running.server_state.connections) == 1


async def test_requests_sent_ahead_are_answered_in_their_order() -> None:
    """Pipelining: five requests in one packet, five answers in the same order."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"".join(post(b"a" * n, f"/{n}") for n in range(5)))
        assert [(await caller.answer()).document for _ in range(5)] == [
            {"path": f"/{n}", "length": n} for n in range(5)
        ]


async def test_too_many_requests_ahead_end_after_the_answers_due() -> None:
    """What was taken is answered; then comes one refusal, and the rest is not read."""
    async with echo(replace(USUAL, pipelined=3)) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held") + get("/") * 50)
        await asyncio.sleep(0.1)
        seen.gate.set()
        assert [(await caller.answer()).status for _ in range(4)] == [200] * 4
        assert (await caller.answer()).document == {"code": "overloaded"}
        assert await caller.ended()


async def test_a_refusal_waits_for_the_answer_before_it() -> None:
    """Nonsense behind a request that is being answered is refused after that answer, not instead of it."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held") + b"nonsense\r\n\r\n")
        await asyncio.sleep(0.1)
        seen.gate.set()
        assert (await caller.answer()).document["path"] == "/held"
        assert (await caller.answer()).document == {"code": "body_malformed"}
        assert await caller.ended()


async def test_a_broken_body_behind_another_request_is_refused_in_its_turn() -> None:
    """The first request is answered, the second gets the refusal where its application reads the body."""
    broken = b"POST /two HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(get("/held") + broken)
        await asyncio.sleep(0.1)
        seen.gate.set()
        assert (await caller.answer()).document["path"] == "/held"
        answer = await caller.answer()
        assert (answer.document, answer.headers["connection"]) == ({"code": "body_malformed"}, "close")
        assert await caller.ended()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(post(b"abc", "/", "Content-Length: 3"), id="two-lengths"),
        pytest.param(post(b"abc", "/", "Content-Length: 4"), id="two-different-lengths"),
        pytest.param(post(b"3\r\nabc\r\n0\r\n\r\n", "/", "Transfer-Encoding: chunked"), id="length-and-chunks"),
        pytest.param(get("/\xff"), id="byte-beyond-ascii"),
        pytest.param(get("/a b"), id="space-in-target"),
        pytest.param(b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", id="connect"),
        pytest.param(get("/").replace(b"\r\n", b"\n"), id="bare-line-feeds"),
        pytest.param(get("/", "X-A: b", " c"), id="folded-line"),
        pytest.param(get("/").replace(b"1.1", b"2.0"), id="another-version"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="http-2-preface"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="tls"),
        pytest.param(b"GET http://gateway.example HTTP/1.1\r\nHost: x\r\n\r\n", id="absolute-without-path"),
        pytest.param(post(b"", "/", "Content-Length: +3"), id="signed-length"),
        pytest.param(get("/", "X\x00: b"), id="nul-in-a-name"),
    ],
)
async def test_what_is_not_http_is_refused_like_everything_else(sent: bytes) -> None:
    """The refusal is the gateway's own, the connection ends, and the application sees nothing."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        await caller.send(sent)
        answer = await caller.answer()
        assert (answer.status, answer.document) == (400, {"code": "body_malformed"})
        assert (answer.headers["x-refused"], answer.headers["connection"]) == ("edge", "close")
        assert "date" in answer.headers
        assert await caller.ended()
        assert seen.requests == []


@pytest.mark.parametrize("cut", ["3\r\nab", "zz\r\n", "3\r\nabcd\r\n"])
async def test_a_body_broken_off_in_its_chunks_is_refused(cut: str) -> None:
    """A wrong chunk reaches the application as a refusal; a caller that leaves reaches it as one who left."""
    sent = f"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{cut}".encode()
    async with echo(USUAL) as (port, seen, _):
        async with calling(port) as caller:
            await caller.send(sent)
            if cut != "3\r\nab":
                assert (await caller.answer()).document == {"code": "body_malformed"}
        await asyncio.sleep(0.05)
        assert codes(seen) == ([] if cut == "3\r\nab" else ["body_malformed"])


async def test_a_refusal_is_given_once() -> None:
    """However much nonsense follows, there is one answer."""
    async with echo(USUAL) as (port, seen, _), calling(port) as caller:
        for _ in range(5):
            await caller.send(b"nonsense\r\n\r\n")
        received = await asyncio.wait_for(caller.reader.read(), 60)
        assert statuses(received) == [400]
        assert len(seen.refused) == 1


async def test_a_caller_may_ask_to_close() -> None:
    """`Connection: close` and HTTP/1.0 end the connection after the answer."""
    async with echo(USUAL) as (port, _, _):
        for sent in (get("/", "Connection: close"), b"GET / HTTP/1.0\r\n\r\n"):
            async with calling(port) as caller:
                await caller.send(sent)
                assert (await caller.answer()).status == 200
                assert await caller.ended()


async def test_a_caller_may_wait_for_100_continue() -> None:
    """The interim answer comes when the application reads the body."""
    async with echo(USUAL) as (port, _, _), calling(port) as caller:
        await caller.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await caller.answer(bodyless=True)).status == 100
        await caller.send(b"abc")
        assert (await caller.answer()).document["length"] == 3


async def test_a_caller_that_leaves_before_its_answers_is_no_defect(caplog: pytest.LogCaptureFixture) -> None:
    """Two requests ahead, the second one the last, and nobody there to read: nothing goes wrong, nothing is said."""
    async with echo(USUAL) as (port, seen, running):
        async with calling(port) as caller:
            await caller.send(get("/held") + get("/held", "Connection: close"))
            await asyncio.sleep(0.05)
        seen.gate.set()
        await until(lambda: not running.server_state.tasks and not running.server_state.connections)
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


async def test_a_stopping_server_ends_open_connections_and_finishes_answers() -> None:
    """Idle, half-sent and refused connections end at once; a request under way is answered first."""
    async with (
        echo(USUAL) as (port, seen, running),
        calling(port) as idle,
        calling(port) as half,
        calling(port) as refused,
        calling(port) as busy,
    ):
        await half.send(b"GET / HTTP/1.1\r\nX-")
        await refused.send(b"nonsense\r\n\r\n")
        assert (await refused.answer()).status == 400
        await busy.send(get("/held"))
        await until(lambda: bool(running.server_state.tasks))
        running.should_exit = True
        assert await idle.ended()
        assert await half.ended()
        assert await refused.ended()
        seen.gate.set()
        answer = await busy.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert await busy.ended()
