"""The answer to a batch, read line by line: each is verified before it is given out, and the end says that it is all.

    line 0       opens the answer; its signature is the one in the response's header
    lines 1..n   one for each line sent, as they were found
    line n + 1   the end: how many there were, and a digest over everything before

What is signed of a line are the bytes of its last member as they stand (docs/batch.md).

Rule of this file: no input or output. Bytes go in; verified values come out, or `AnswerNotTrusted`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from gateway.client import trust as trusting
from gateway.client.answer import Answer, Receipt
from gateway.client.errors import AnswerNotTrusted, Problem
from gateway.client.trust import Trust
from signing.digest import content_digest
from signing.encoding import base64_standard, json_bytes

MEDIA_TYPE = "application/x-ndjson"
LONGEST = 4 * 1024 * 1024
"""Bytes of one line that are held until its end comes."""

_FIRST_ERROR = 400
_OK = 200
_LINE = re.compile(
    rb'\{"line":(?P<line>\d{1,9}),"dossier":(?:null|"(?P<dossier>[A-Za-z0-9._/-]{1,64})"),"status":(?P<status>\d{3}),'
    rb'(?:"retry_after":(?P<wait>\d{1,9}),)?"signature":"(?P<signature>[A-Za-z0-9._-]+)",'
    rb'"(?P<member>begin|result|problem|end)":(?P<body>\{.*\})\}\n',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What became of one line: an answer or a problem, verified, with its own receipt.

    `number` is its place in what was sent, from 1; `dossier` is None where the gateway could read none.
    """

    number: int
    dossier: str | None
    answer: Answer | None
    problem: Problem | None


def written(dossiers: Iterable[Mapping[str, Any]]) -> bytes:
    """The body of a batch: one line for each."""
    return b"".join(json_bytes(dict(one)) + b"\n" for one in dossiers)


@dataclass(slots=True)
class Reader:
    """Holds one stream of lines against what was sent. `token`: the request's; `sent`: the body; `head`: the signature
    in the header of the response."""

    trust: Trust
    caller: str
    token: str
    sent: bytes = field(repr=False)
    head: str = field(repr=False)
    complete: bool = False
    _begun: bool = False
    _dossiers: Sequence[str | None] = field(init=False, repr=False)
    _seen: set[int] = field(default_factory=set)
    _answered: int = 0
    _rest: bytes = b""
    _over: Any = field(default_factory=sha256, repr=False)

    def __post_init__(self) -> None:
        self._dossiers = [_dossier(line) for line in self.sent.removesuffix(b"\n").split(b"\n")]

    def feed(self, data: bytes) -> Iterable[BatchLine]:
        """The lines that became complete with these bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            raise _malformed("a line is too long")
        for line in lines:
            read = self._read(line + b"\n")
            if read is not None:
                yield read

    def end(self) -> None:
        """No more bytes come. Raises `AnswerNotTrusted(stream_truncated)` unless the signed end was there."""
        if not self.complete or self._rest:
            raise AnswerNotTrusted("stream_truncated", "the answer ended before its signed end", status=_OK)

    def _read(self, line: bytes) -> BatchLine | None:
        parts = _LINE.fullmatch(line)
        if parts is None or self.complete:
            raise _malformed("a line has not the form of one" if parts is None else "a line after the end")
        number, status, member = int(parts["line"]), int(parts["status"]), parts["member"].decode()
        signature, body = parts["signature"].decode(), parts["body"]
        claims, receipt = trusting.believed(
            signature,
            self.trust,
            caller=self.caller,
            token=self.token,
            status=status,
            body=body,
            content_digest=content_digest(body),
            line=number,
        )
        dossier = parts["dossier"].decode() if parts["dossier"] is not None else None
        if member != self._due(number, status):
            raise _inconsistent("a line stands where another is due")
        document = _object(body)
        if member == "begin":
            self._opened(signature, document)
            self._over.update(line)
            return None
        wait = int(parts["wait"]) if parts["wait"] is not None else None
        problem = None
        if status >= _FIRST_ERROR:
            problem = Problem(status, document, retry_after=wait, entry=receipt.index if receipt else None)
        if number > len(self._dossiers):
            if problem is not None:
                raise problem
            self._closed(document)
            return None
        if dossier not in (None, self._dossiers[number - 1]) or (problem is None and dossier is None):
            raise _inconsistent("a line names another dossier than was sent")
        self._over.update(line)
        self._seen.add(number)
        if problem is not None:
            return BatchLine(number, dossier, None, problem)
        self._answered += 1
        return BatchLine(number, dossier, self._answer(document, body, signature, claims, receipt), None)

    def _due(self, number: int, status: int) -> str:
        """What a line of this number has to be, "" where none is due."""
        last = len(self._dossiers)
        if not self._begun:
            return "begin" if number == 0 and status == _OK else ""
        if number == last + 1:
            return "end" if status == _OK else "problem"
        if not 1 <= number <= last or number in self._seen:
            return ""
        return "result" if status == _OK else "problem"

    def _opened(self, signature: str, document: Mapping[str, Any]) -> None:
        if signature != self.head or document.get("lines") != len(self._dossiers):
            raise _inconsistent("the answer is not opened as its header says")
        self._begun = True

    def _closed(self, document: Mapping[str, Any]) -> None:
        digest = f"sha-256=:{base64_standard(self._over.digest())}:"
        count = len(self._dossiers)
        expected = {
            "lines": count,
            "answered": self._answered,
            "refused": count - self._answered,
            "digest": digest,
        }
        if len(self._seen) != count or document != expected:
            raise _inconsistent("the end does not fit the lines before it")
        self.complete = True

    def _answer(
        self, document: Any, body: bytes, signature: str, claims: Mapping[str, Any], receipt: Receipt | None
    ) -> Answer:
        return Answer(
            status=_OK,
            document=document,
            body=body,
            signature=signature,
            request_token=self.token,
            claims=claims,
            receipt=receipt,
        )


def _dossier(line: bytes) -> str | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    named = said.get("dossier") if isinstance(said, dict) else None
    return named if isinstance(named, str) else None


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _malformed("a line does not hold a JSON object")
    return document


def _malformed(detail: str) -> AnswerNotTrusted:
    return AnswerNotTrusted("answer_malformed", detail, status=_OK)


def _inconsistent(detail: str) -> AnswerNotTrusted:
    return AnswerNotTrusted("stream_inconsistent", detail, status=_OK)
