"""What the client believes of a batch's answer: every line by itself, in its place, and the whole only with its end."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from gateway.client import AnswerNotTrusted, BatchLine, Problem, Unreachable
from gateway.client.auth import token_sent
from gateway.client.batch import MEDIA_TYPE
from signing.digest import content_digest
from signing.encoding import base64_standard, json_bytes
from signing.merkle import leaf_hash, root
from signing.notes import Checkpoint
from signing.request import token_hash
from signing.response import HEADER, response_token
from tests.gateway.client.fake import AT, ISSUER, ORIGIN, Fake, client

DOSSIERS = [{"dossier": f"D-{n}", "subjects": {}} for n in (1, 2, 3)]
Lines = list[bytes]
Change = Callable[["Streaming", Lines], Lines]


@dataclass
class Streaming(Fake):
    """Answers every dossier, the second with a problem; `change` spoils the lines before they leave."""

    change: Change = lambda _, lines: lines
    token: str = ""
    breaks: bool = False
    at_once: bool = False  # the answer in one piece
    lines: Lines = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The stream, or the documents of the fake."""
        if not request.url.path.startswith("/v1/") or self.status != 200:
            return super().__call__(request)
        self._check(request)
        self.token = token_sent(request) or ""
        self.lines = [
            self.line(0, "H14-1", 200, "begin", {"lines": 3}),
            self.line(3, "D-3", 200, "result", {"form": {"a": "}\n"}}),
            self.line(1, "D-1", 200, "result", {"form": {}}),
            self.line(2, "D-2", 503, "problem", {"code": "draining", "status": 503}),
        ]
        self.lines.append(self.end(self.lines))
        head = self.signature(0, 200, json_bytes({"lines": 3}))
        sent = self.change(self, [*self.lines])
        first = sent[0] if sent else b""
        return httpx.Response(
            200,
            content=b"".join(sent) if self.at_once else _Stream(sent, breaks=self.breaks),
            headers={HEADER: head if not first else _signature_in(first) or head, "Content-Type": MEDIA_TYPE},
        )

    def end(self, before: Lines, number: int = 4, **changes: Any) -> bytes:
        """The last line over the ones before."""
        said = {"lines": 3, "answered": 2, "refused": 1, "digest": content_digest(b"".join(before)), **changes}
        return self.line(number, "H14-1", 200, "end", said)

    def line(self, number: int, dossier: str, status: int, member: str, said: Any, *, signed: Any = None) -> bytes:
        """One line; `signed`: the number that is signed instead."""
        body = json_bytes(said)
        token = self.signature(number if signed is None else signed, status, body)
        wait = b'"retry_after":5,' if status == 503 else b""
        head = f'{{"line":{number},"dossier":"{dossier}","status":{status},'.encode() + wait
        return head + f'"signature":"{token}","{member}":'.encode() + body + b"}\n"

    def signature(self, number: int | None, status: int, body: bytes) -> str:
        """A response token of a line."""
        leaves = [leaf_hash(bytes([n])) for n in range(8)]
        note = self.log.sign(Checkpoint(ORIGIN, 8, root(leaves)).body())
        entry = {"log": ORIGIN, "index": 7, "leaf": base64_standard(leaves[7]), "checkpoint": note}
        return response_token(
            self.signer,
            iss=ISSUER,
            aud="H14",
            req=token_hash(self.token),
            status=status,
            body=body,
            entry=entry,
            at=AT,
            jti="0123456789abcdef",
            line=number,
        )


class _Stream(httpx.AsyncByteStream):
    def __init__(self, lines: Lines, *, breaks: bool) -> None:
        self._lines, self._breaks = lines, breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        whole = b"".join(self._lines)
        for at in range(0, len(whole), 700):  # lines come in pieces
            yield whole[at : at + 700]
        if self._breaks:
            raise httpx.ReadError("gone")


def _signature_in(line: bytes) -> str:
    return line.partition(b'"signature":"')[2].partition(b'"')[0].decode()


async def read(fake: Fake, dossiers: Sequence[Any] = DOSSIERS) -> list[BatchLine]:
    """Every line the client gives out."""
    async with client(fake) as portal:
        return [line async for line in portal.prefill_many(dossiers)]


@pytest.mark.asyncio
async def test_lines_are_given_out_as_they_come() -> None:
    """Answers with body, signature and receipt; a problem with what to do and its entry."""
    third, first, second = await read(Streaming())
    assert (third.number, third.dossier, first.number, second.number) == (3, "D-3", 1, 2)
    assert third.answer is not None
    assert third.answer.document == {"form": {"a": "}\n"}}
    assert (third.answer.body, third.answer.claims["line"]) == (json_bytes({"form": {"a": "}\n"}}), 3)
    assert third.answer.receipt is not None
    assert second.problem is not None
    assert (second.problem.code, second.problem.retry_after, second.problem.entry) == ("draining", 5, 7)


def _without(*places: int) -> Change:
    return lambda _, lines: [line for n, line in enumerate(lines) if n not in places]


def _replaced(old: bytes, new: bytes) -> Change:
    return lambda _, lines: [line.replace(old, new) for line in lines]


def _exchanged(fake: Streaming, lines: Lines) -> Lines:
    third = lines[1].replace(b'"line":3', b'"line":1').replace(b'"D-3"', b'"D-1"')
    return [lines[0], third, *lines[2:]]


def _doubled(fake: Streaming, lines: Lines) -> Lines:
    return [*lines[:2], lines[1], *lines[2:]]


def _shortened(fake: Streaming, lines: Lines) -> Lines:
    kept = lines[:3]
    return [*kept, fake.end(kept, answered=2, refused=0, lines=2)]


def _miscounted(fake: Streaming, lines: Lines) -> Lines:
    return [*lines[:4], fake.end(lines[:4], answered=3, refused=0)]


def _foreign(fake: Streaming, lines: Lines) -> Lines:
    line = fake.line(3, "D-9", 200, "result", {})
    return [lines[0], line, *lines[2:]]


def _unnumbered(fake: Streaming, lines: Lines) -> Lines:
    body = b'"result":{}}\n'
    token = fake.signature(None, 200, b"{}")
    return [lines[0], b'{"line":3,"dossier":"D-3","status":200,"signature":"' + token.encode() + b'",' + body]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(_without(4), "stream_truncated", id="no end"),
        pytest.param(_without(2, 4), "stream_truncated", id="no end and a line less"),
        pytest.param(_without(*range(5)), "stream_truncated", id="nothing"),
        pytest.param(lambda _, lines: [*lines[:4], lines[4][:-9]], "stream_truncated", id="half an end"),
        pytest.param(_without(2), "stream_inconsistent", id="a line less"),
        pytest.param(_without(0), "stream_inconsistent", id="no beginning"),
        pytest.param(_doubled, "stream_inconsistent", id="a line twice"),
        pytest.param(_shortened, "stream_inconsistent", id="an end for fewer"),
        pytest.param(_miscounted, "stream_inconsistent", id="an end that counts otherwise"),
        pytest.param(_foreign, "stream_inconsistent", id="another dossier"),
        pytest.param(_exchanged, "line_mismatch", id="a line in another's place"),
        pytest.param(_unnumbered, "line_mismatch", id="a whole answer as a line"),
        pytest.param(_replaced(b'{"form":{}}', b'{"form":{ }}'), "digest_mismatch", id="other bytes"),
        pytest.param(_replaced(b'"status":503', b'"status":504'), "status_mismatch", id="another status"),
        pytest.param(lambda _, lines: [*lines, lines[1]], "answer_malformed", id="more after the end"),
        pytest.param(lambda _, lines: [b"{}\n", *lines], "answer_malformed", id="no line of ours"),
    ],
)
@pytest.mark.asyncio
async def test_what_does_not_prove_itself_is_not_believed(change: Change, code: str) -> None:
    """Lines left out, doubled, exchanged, changed or cut off: each is found."""
    with pytest.raises(AnswerNotTrusted) as refused:
        await read(Streaming(change=change))
    assert refused.value.code == code


@pytest.mark.asyncio
async def test_what_came_before_a_broken_connection_was_given_out() -> None:
    """Verified lines stand; the iteration ends with `Unreachable` instead of by itself."""
    found: list[int] = []

    async def reading() -> None:
        async with client(Streaming(change=_without(3, 4), breaks=True)) as portal:
            async for line in portal.prefill_many(DOSSIERS):
                found.append(line.number)  # noqa: PERF401 - what came before it raises is what is looked at

    with pytest.raises(Unreachable):
        await reading()
    assert found == [3, 1]


@pytest.mark.asyncio
async def test_a_problem_of_the_whole_is_raised() -> None:
    """As by every other call, before any line."""
    fake = Streaming(
        status=403, document={"code": "procedure_unknown"}, headers={"Content-Type": "application/problem+json"}
    )
    with pytest.raises(Problem) as refused:
        await read(fake)
    assert refused.value.code == "procedure_unknown"


@pytest.mark.asyncio
async def test_a_line_is_no_answer_to_a_single_call() -> None:
    """A signed line of a stream, handed out as a whole answer, is refused."""
    with pytest.raises(AnswerNotTrusted) as refused:
        async with client(Fake(claims={"line": 1})) as portal:
            await portal.prefill({})
    assert refused.value.code == "line_mismatch"
