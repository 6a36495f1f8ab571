"""The shape of a request: whatever two programs may read differently is refused before the token is looked at."""

from typing import Any

import pytest

from gateway.api import shape
from gateway.edge.protocol import TARGET
from gateway.errors import Code, Refused

BASE = "https://gateway.example"
USUAL = [(b"host", b"gateway.example"), (b"content-type", b"application/json"), (b"content-length", b"2")]


def _code(scope: dict[str, Any], *, json: bool = True) -> Code | None:
    try:
        shape.check(scope, base_url=BASE, json=json)
    except Refused as refused:
        return refused.refusal.code
    return None


def _scope(
    target: bytes | None = b"/v1/persons/verify",
    lines: list[tuple[bytes, bytes]] | None = None,
    *,
    version: str = "1.1",
    query: bytes = b"",
) -> dict[str, Any]:
    return {
        "headers": USUAL if lines is None else lines,
        "http_version": version,
        "raw_path": b"/v1/persons/verify",
        "query_string": query,
        "extensions": {} if target is None else {TARGET: {"raw": target}},
    }


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (b"/v1/persons/verify", None),
        (b"https://gateway.example/v1/persons/verify", None),
        (b"HTTPS://GATEWAY.example/v1/persons/verify", None),
        (b"/v1/persons/verify?", Code.QUERY_NOT_ALLOWED),
        (b"/v1/persons/verify?a=1", Code.QUERY_NOT_ALLOWED),
        (b"/v1/persons/verify?a#b", Code.QUERY_NOT_ALLOWED),
        (b"/v1/persons/verify#x", Code.BODY_MALFORMED),
        (b"/v1/persons/verify#", Code.BODY_MALFORMED),
        (b"/v1/persons/verify#?", Code.BODY_MALFORMED),
        (b"https://evil.example/v1/persons/verify", Code.BODY_MALFORMED),
        (b"https://gateway.example@evil.example/v1/persons/verify", Code.BODY_MALFORMED),
        (b"https://gateway.example:444/v1/persons/verify", Code.BODY_MALFORMED),
        (b"https:///v1/persons/verify", Code.BODY_MALFORMED),
        (b"*", Code.BODY_MALFORMED),
        (b"gateway.example:443", Code.BODY_MALFORMED),
    ],
)
def test_a_target_is_a_path_or_this_gateways_address(target: bytes, code: Code | None) -> None:
    """No query, not even an empty one, no fragment, and no other host's address."""
    assert _code(_scope(target)) is code


def test_without_the_target_as_sent_path_and_query_stand_for_it() -> None:
    """Behind another server the scope's own parts are checked."""
    assert _code(_scope(None)) is None
    assert _code(_scope(None, query=b"a=1")) is Code.QUERY_NOT_ALLOWED


@pytest.mark.parametrize(
    ("lines", "version", "code"),
    [
        ([], "1.1", Code.BODY_MALFORMED),
        ([], "1.0", None),
        ([(b"host", b"a"), (b"host", b"a")], "1.1", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"host", b"b")], "1.0", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"transfer-encoding", b"chunked")], "1.1", None),
        ([(b"host", b"a"), (b"transfer-encoding", b" Chunked ")], "1.1", None),
        ([(b"host", b"a"), (b"transfer-encoding", b"chunked")], "1.0", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"transfer-encoding", b"gzip, chunked")], "1.1", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"transfer-encoding", b"identity")], "1.1", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"transfer-encoding", b"chunked"), (b"content-length", b"2")], "1.1", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"content-length", b"2"), (b"content-length", b"2")], "1.1", Code.BODY_MALFORMED),
        ([(b"host", b"a"), (b"content-type", b"a/b"), (b"content-type", b"a/b")], "1.1", Code.CONTENT_TYPE_WRONG),
        ([(b"host", b"a"), (b"content-encoding", b""), (b"content-encoding", b"gzip")], "1.1", Code.CONTENT_TYPE_WRONG),
        ([(b"host", b"a"), (b"accept", b"a/b"), (b"accept", b"c/d")], "1.1", None),
    ],
)
def test_host_and_framing_can_be_read_in_one_way(
    lines: list[tuple[bytes, bytes]], version: str, code: Code | None
) -> None:
    """One Host, one length, chunked alone, and nothing twice that has one value; lists may come in several lines."""
    assert _code(_scope(lines=lines, version=version), json=False) is code


@pytest.mark.parametrize(
    ("content_type", "passes"),
    [
        (b"application/json", True),
        (b"Application/JSON; charset=UTF-8", True),
        (b'application/json;charset="utf-8"', True),
        (b"application/json; charset=latin-1", False),
        (b"text/plain", False),
        (b"", False),
    ],
)
def test_calls_with_a_body_take_json_in_utf_8(content_type: bytes, passes: bool) -> None:
    """Type and character set are read without regard to case."""
    lines = [(b"host", b"a"), (b"content-type", content_type)]
    assert _code(_scope(lines=lines)) is (None if passes else Code.CONTENT_TYPE_WRONG)


def test_only_where_they_are_taken_lines_of_json_are_a_body() -> None:
    """NDJSON is told from JSON, and refused by every call that does not take it."""
    lines = [(b"host", b"a"), (b"content-type", b"application/x-ndjson")]
    assert shape.check(_scope(lines=lines), base_url=BASE, json=True, lines_too=True)
    assert not shape.check(_scope(lines=USUAL), base_url=BASE, json=True, lines_too=True)
    assert _code(_scope(lines=lines)) is Code.CONTENT_TYPE_WRONG


def test_a_compressed_body_is_refused() -> None:
    """Only the identity coding is taken."""
    assert _code(_scope(lines=[*USUAL, (b"content-encoding", b"gzip")])) is Code.CONTENT_TYPE_WRONG
    assert _code(_scope(lines=[*USUAL, (b"content-encoding", b"Identity")])) is None


def test_details_say_what_to_do_and_nothing_of_what_was_sent() -> None:
    """A detail names the header, never its value."""
    lines = [*USUAL, (b"content-type", b"004192000123")]
    with pytest.raises(Refused) as refused:
        shape.check(_scope(lines=lines), base_url=BASE, json=True)
    assert refused.value.refusal.detail == "Send the header Content-Type once."
