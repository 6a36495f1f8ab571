"""What came over HTTP, as the client reads it: its bytes, its JSON, its problem, or that nothing came.

Rule of this file: nothing here is believed; that is `gateway.client.trust`.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from gateway.client.answer import Receipt
from gateway.client.errors import AnswerNotTrusted, Problem, Unreachable


async def whole(answer: httpx.Response) -> None:
    """Read the body of a streamed response. Raises `Unreachable`."""
    with reaching():
        await answer.aread()


async def pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes. Raises `Unreachable`."""
    with reaching():
        async for data in answer.aiter_bytes():
            yield data


@contextmanager
def reaching() -> Iterator[None]:
    """What keeps an answer from coming, as `Unreachable`."""
    try:
        yield
    except httpx.TimeoutException:
        raise Unreachable("timed_out") from None
    except (httpx.TransportError, httpx.DecodingError):
        raise Unreachable("connection_failed") from None


def problem(answer: httpx.Response, document: Mapping[str, Any], receipt: Receipt | None) -> Problem:
    """The problem a verified response tells of."""
    entry = receipt.index if receipt else None
    return Problem(answer.status_code, document, retry_after=retry_after(answer), entry=entry)


def retry_after(answer: httpx.Response) -> int | None:
    """Seconds to wait, where the response says so."""
    wait = answer.headers.get("Retry-After", "")
    return int(wait) if wait.isascii() and wait.isdigit() else None


def json_object(answer: httpx.Response) -> dict[str, Any]:
    """The object in the body. Raises `AnswerNotTrusted(answer_malformed)`."""
    try:
        document = json.loads(answer.content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise AnswerNotTrusted("answer_malformed", "the answer is not a JSON object", status=answer.status_code)
    return document


def is_page(answer: httpx.Response) -> bool:
    """Whether the body is a page for people."""
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip().lower() == "text/html"


def text(answer: httpx.Response) -> str:
    """The page in the body. Raises `AnswerNotTrusted(answer_malformed)`."""
    try:
        return answer.content.decode()
    except UnicodeDecodeError:
        raise AnswerNotTrusted("answer_malformed", "the page is not UTF-8", status=answer.status_code) from None
