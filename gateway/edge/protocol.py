"""One connection: uvicorn's HTTP/1.1 protocol with limits, and with a refusal that looks like every other one.

A request has two phases, HEAD and BODY, each with a time limit; between requests a connection is IDLE and uvicorn's
keep-alive time runs. What is refused, and how it is answered:

    in HEAD, nothing else under way     the refusal is written here
    in HEAD, earlier requests waiting   the refusal follows the last of their answers
    in BODY                             the application gets it where it reads the body (`Cycle.refuse`)
    in BODY, already answered           nothing is said: the caller has its answer

After a refusal nothing more is parsed and the connection ends. Beside the phases runs a clock for answers: whenever
more of them waits than the transport takes, the caller has `answer_seconds` until it is taking again.

Trailers are read over (RFC 9110 section 6.5.1), an upgrade is not made (section 7.8).

Rule of this file: the parser's callbacks raise `Refused`; only `data_received` and the timer turn that into an end.
"""

import asyncio
import enum
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.edge.cycle import Cycle, Exit
from gateway.edge.limits import Held, Limits
from gateway.edge.message import not_upgrading, pieces, printed
from gateway.errors import Code, Refusal, Refused, refused

Printer = Callable[[Refusal], tuple[int, bytes, Mapping[str, str]]]
"""Status, body and headers of a refusal."""

TARGET = "gateway.target"
"""The ASGI extension with the request target as sent, under `raw` (bytes): the scope itself holds only parts of it."""

# A head is measured after each piece, so that one read of the socket is not one step over every limit.
_PIECE = 16 * 1024
_UNREADABLE = Refusal(
    Code.BODY_MALFORMED,
    "This is not a valid HTTP/1.1 request (RFC 9112). Look at line ends (CRLF), at characters in the target "
    "(ASCII, percent-encoded), and send one Content-Length or Transfer-Encoding: chunked, not both.",
)


class _Phase(enum.Enum):
    IDLE = enum.auto()
    HEAD = enum.auto()
    BODY = enum.auto()


def bound(limits: Limits, problem: Printer) -> type[HttpToolsProtocol]:
    """The protocol class for one listening socket, as `uvicorn.Config(http=...)` takes it."""
    held = Held(limits.held_bytes)

    class Bound(Connection):
        def __init__(
            self,
            config: Config,
            server_state: ServerState,
            app_state: dict[str, Any],
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:
            super().__init__(config, server_state, app_state, _loop)
            self.limits, self.held, self.problem = limits, held, problem

    return Bound


class Connection(HttpToolsProtocol):
    """One connection. Made by the class that `bound` returns."""

    limits: Limits
    held: Held
    problem: Printer
    cycle: Cycle

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._current: Cycle | None = None  # the newest request's; `cycle` is the same and is never None to uvicorn
        self._phase = _Phase.HEAD
        self._begun = False  # a request's first byte has come, not only the empty lines allowed before it
        self._named = False  # its method has been read: until then the parser still has the one before
        self._number = 0  # of the request
        self._head = self._lines = 0  # of the request: bytes and header lines
        self._fed = self._body = 0  # of the request: all bytes after the piece it began in, bytes of body
        self._upgrading = False
        self._ended = False  # nothing more is parsed
        self._leaving = False  # nothing more is written either
        self._last: Refusal | None = None  # to be written after the answers under way
        self._timer: asyncio.TimerHandle | None = None
        self._timed: tuple[_Phase, int] | None = None
        self._unfetched: asyncio.TimerHandle | None = None  # runs while the transport takes no more

    # the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has connected."""
        super().connection_made(transport)
        self._exit = Exit(transport, self._finish)
        over = len(self.connections) - self.limits.connections
        if over > self.limits.told:
            self._ended = True
            transport.abort()
        elif over > 0:
            self._refuse(Refusal(Code.OVERLOADED, "Too many connections are open. Use one for several calls."))
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, whoever ended it."""
        super().connection_lost(exc)
        self._ended = self._leaving = True
        self._unset_keepalive_if_required()
        self._untimed()
        self._fetched()
        for cycle, _ in self.pipeline:
            if isinstance(cycle, Cycle):
                cycle.let_go()

    def shutdown(self) -> None:
        """The server is stopping: end now, or after the answer under way."""
        if self._leaving:
            self.transport.close()
        else:
            super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Bytes of the caller."""
        if self._ended:
            return
        self._unset_keepalive_if_required()
        if self._phase is _Phase.IDLE:
            self._phase, self._begun, self._named, self._fed, self._body = _Phase.HEAD, False, False, 0, 0
        try:
            for piece in pieces(data, _PIECE):
                self._feed(piece)
        except Refused as reason:
            self._refuse(reason.refusal)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._named |= isinstance(error, httptools.HttpParserInvalidURLError)  # the method comes before the target
            self._refuse(cause.refusal if isinstance(cause, Refused) else _UNREADABLE)
        else:
            self._watch()

    def pause_writing(self) -> None:
        """The caller leaves answers unfetched. A byte now and then does not stop the clock, `resume_writing` does."""
        super().pause_writing()
        if self._unfetched is None:
            self._unfetched = self.loop.call_later(self.limits.answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The caller has fetched what was waiting, but for a rest below the transport's low-water mark."""
        super().resume_writing()
        self._fetched()

    def timeout_keep_alive_handler(self) -> None:
        """No further request came, or the answer to the last one was not fetched."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def _feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        rest = piece
        while rest:
            try:
                self.parser.feed_data(rest)
                rest = b""
            except httptools.HttpParserUpgrade as stopped:
                rest = self._without_upgrade() + rest[stopped.args[0] :]
        most = self.limits.head_bytes + (self.limits.framing_bytes if self._phase is _Phase.BODY else 0)
        if self._phase is not _Phase.IDLE and self._fed - self._body > most:
            raise self._too_large()

    def _without_upgrade(self) -> bytes:
        """A new parser, and the head to begin it with: the old one takes no body after a wish to upgrade."""
        head = not_upgrading(self.parser.get_method(), self.url, self.parser.get_http_version(), [*self.headers])
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._upgrading = False
        return head

    # the parser's callbacks

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._phase, self._begun, self._named = _Phase.HEAD, True, False
        self._number += 1
        self._head = self._lines = self._fed = self._body = 0

    def on_url(self, url: bytes) -> None:
        """A part of the target."""
        self._named = True
        self._head += len(url)
        if self._head > self.limits.head_bytes:
            raise self._too_large()
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line, or a trailer: those are counted and dropped."""
        self._lines += 1
        self._head += len(name) + len(value) + 4  # ": " and CRLF
        if self._head > self.limits.head_bytes or self._lines > self.limits.header_lines:
            raise self._too_large()
        if self._phase is _Phase.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete: the application may begin."""
        version, method = self.parser.get_http_version(), self.parser.get_method()
        if version not in ("1.0", "1.1"):
            raise refused(Code.BODY_MALFORMED, "Send HTTP/1.1.")
        if method == b"CONNECT":
            raise refused(Code.BODY_MALFORMED, "CONNECT is not served: this is not a proxy.")
        if self.parser.should_upgrade():
            self._upgrading = True
            return
        if len(self.pipeline) >= self.limits.pipelined:
            raise refused(Code.OVERLOADED, f"At most {self.limits.pipelined} requests ahead of their answers.")
        url = httptools.parse_url(self.url)
        if not url.path or not url.path.isascii():
            raise Refused(_UNREADABLE)
        path = url.path.decode("ascii")
        self.scope["method"] = method.decode("ascii")
        self.scope["http_version"] = version
        self.scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        self.scope["raw_path"] = url.path
        self.scope["query_string"] = url.query or b""
        self.scope["extensions"] = {TARGET: {"raw": self.url}}
        self._begin(keep_alive=version != "1.0" and self.parser.should_keep_alive())
        self._phase = _Phase.BODY

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body += len(body)
        if self.cycle.response_complete:
            return
        free = 0 if self.pipeline else self.limits.free_bytes
        if not self.cycle.hold(len(body), free=free):
            raise refused(Code.OVERLOADED, "Too many bodies are arriving at once.")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The last byte of a request."""
        if self._upgrading:
            return
        self._phase = _Phase.IDLE
        super().on_message_complete()

    def _begin(self, *, keep_alive: bool) -> None:
        waits = self._answering()
        self.cycle = self._current = Cycle(
            self.held,
            scope=self.scope,
            transport=self._exit,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if waits:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))
        else:
            self._start_asgi_task(self.cycle, self.app)

    # answers and ends

    def on_response_complete(self) -> None:
        """An answer has been written: the next request's turn, or the refusal that waited for it."""
        if self._leaving:
            return
        super().on_response_complete()
        if self._last is not None and not self._answering() and not self.transport.is_closing():
            self._say(self._last)

    def _answering(self) -> bool:
        return self._current is not None and not self._current.response_complete

    def _too_large(self) -> Refused:
        return refused(
            Code.BODY_TOO_LARGE,
            f"At most {self.limits.head_bytes} bytes of target and headers and {self.limits.header_lines} header "
            "lines, and no more framing than body.",
        )

    def _refuse(self, refusal: Refusal) -> None:
        self._ended = True
        self._untimed()
        if self._phase is _Phase.BODY:
            if self.cycle.response_complete:
                self._leave()
            else:
                self.cycle.refuse(refusal)
        elif self._answering():
            self._last = refusal
        else:
            self._say(refusal)

    def _say(self, refusal: Refusal) -> None:
        status, body, headers = self.problem(refusal)
        to_head = self._named and self.parser.get_method() == b"HEAD"
        self.transport.write(printed(status, body, headers, server=self.server_state.default_headers, to_head=to_head))
        self._leave()

    def _finish(self) -> None:
        """After the last answer. Whoever may still be sending is given time to read it."""
        if self._ended or self._phase is not _Phase.IDLE:
            self._leave()
            return
        self._ended = self._leaving = True
        self._untimed()
        self.transport.close()
        if self.transport.get_write_buffer_size():
            self._timer = self.loop.call_later(self.limits.answer_seconds, self.transport.abort)

    def _leave(self) -> None:
        if self._leaving:
            return
        self._ended = self._leaving = True
        self._untimed()
        self._unset_keepalive_if_required()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        fetched = not self.transport.get_write_buffer_size()
        seconds = self.limits.linger_seconds if fetched else self.limits.answer_seconds
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    # time

    def _watch(self) -> None:
        """Set the clock for the phase the connection is in."""
        wanted = None if self._phase is _Phase.IDLE else (self._phase, self._number)
        if wanted != self._timed:
            self._untimed()
            if wanted is not None:
                in_head = self._phase is _Phase.HEAD
                seconds = self.limits.head_seconds if in_head else self.limits.body_seconds
                self._timer, self._timed = self.loop.call_later(seconds, self._late), wanted
        if wanted is None and not self._answering() and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _untimed(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timed = None

    def _fetched(self) -> None:
        if self._unfetched is not None:
            self._unfetched.cancel()
        self._unfetched = None

    def _late(self) -> None:
        self._timer = self._timed = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:
            self._watch()  # it is the gateway that is not reading
        elif self._begun:
            limit = self.limits.head_seconds if self._phase is _Phase.HEAD else self.limits.body_seconds
            part = "head" if self._phase is _Phase.HEAD else "body"
            self._refuse(Refusal(Code.BODY_MALFORMED, f"The {part} was not complete within {limit:g} seconds."))
        elif self._answering():
            self._phase = _Phase.IDLE  # empty lines after a request are harmless
        else:
            self.timeout_keep_alive_handler()
