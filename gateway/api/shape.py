"""What a request must look like before its token is looked at: one reading of it, whoever reads (contract section 2).

A proxy before the gateway and the gateway itself must see the same target, the same framing and the same types.
Whatever two programs may read differently is refused here, although the parser took it.

Rule of this file: values in, `Refused` out. A detail names a header, never its value.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.edge.protocol import TARGET
from gateway.errors import Code, refused

JSON_TYPE = "application/json"
JSON_LINES_TYPE = "application/x-ndjson"
# Fields with one value each: RFC 9110 sections 8.3, 8.6 and RFC 9112 section 6.1. Codings are a list in the standard,
# but only the empty list is served.
_SINGLE = {
    "content-length": Code.BODY_MALFORMED,
    "transfer-encoding": Code.BODY_MALFORMED,
    "content-type": Code.CONTENT_TYPE_WRONG,
    "content-encoding": Code.CONTENT_TYPE_WRONG,
}

_TYPES = (b"content-type", b"content-encoding")

Lines = Iterable[tuple[bytes, bytes]]


def check(scope: Mapping[str, Any], *, base_url: str, json: bool, lines_too: bool = False) -> bool:
    """Check target, Host, framing and, for calls with a JSON body, the content type. Raises `Refused`.

    `scope` is an ASGI HTTP scope; `lines_too`: the body may be JSON lines as well. Whether it is.
    """
    lines: Lines = scope["headers"]
    target(target_of(scope), base_url=base_url)
    framing(lines, http_version=scope["http_version"])
    if not json:
        return False
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in lines if name in _TYPES}
    return content_type(headers, also=JSON_LINES_TYPE if lines_too else None) == JSON_LINES_TYPE


def target(raw: bytes, *, base_url: str) -> None:
    """A path alone, or the absolute form of this gateway's own address (RFC 9112 section 3.2). Raises `Refused`."""
    if b"?" in raw.partition(b"#")[0]:
        raise refused(Code.QUERY_NOT_ALLOWED)
    if b"#" in raw:
        raise refused(Code.BODY_MALFORMED, "Leave out `#` and what follows it: it is not part of a request's target.")
    if raw.startswith(b"/"):
        return
    authority = raw.partition(b"://")[2].partition(b"/")[0]
    if authority.decode("latin-1").lower() != urlsplit(base_url).netloc.lower():
        raise refused(Code.BODY_MALFORMED, f"Send the path alone, or the absolute address below {base_url}.")


def framing(lines: Lines, *, http_version: str) -> None:
    """One Host, one length, no other transfer coding than chunked, no field twice. Raises `Refused`."""
    seen = Counter(name for name, _ in lines)
    hosts = seen[b"host"]
    if hosts > 1 or (hosts == 0 and http_version != "1.0"):
        raise refused(Code.BODY_MALFORMED, "Send exactly one Host header (RFC 9112 section 3.2).")
    for name, code in _SINGLE.items():
        if seen[name.encode("ascii")] > 1:
            raise refused(code, f"Send the header {name.title()} once.")
    if seen[b"transfer-encoding"]:
        coding = next(value for name, value in lines if name == b"transfer-encoding")
        if http_version == "1.0" or coding.strip().lower() != b"chunked" or seen[b"content-length"]:
            raise refused(
                Code.BODY_MALFORMED,
                "Send Content-Length, or over HTTP/1.1 `Transfer-Encoding: chunked` and no other transfer coding.",
            )


def content_type(headers: Mapping[str, str], *, also: str | None = None) -> str:
    """The media type: JSON, or what is taken `also`; UTF-8, uncompressed. `headers` by lower-case name.

    Raises `Refused(content_type_wrong)`.
    """
    media, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"') or "utf-8"
    media = media.strip().lower()
    if media not in (JSON_TYPE, also) or charset not in ("utf-8", "utf8"):
        raise refused(Code.CONTENT_TYPE_WRONG)
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise refused(Code.CONTENT_TYPE_WRONG, "Send the body uncompressed: Content-Encoding is not supported.")
    return media


def target_of(scope: Mapping[str, Any]) -> bytes:
    """The target as sent, from the extension `gateway.target`; without it, put together from path and query."""
    extension = scope.get("extensions", {}).get(TARGET)
    if extension:
        raw: bytes = extension["raw"]
        return raw
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path
