"""Tests of the console's cookies."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.signin.cookies import Cookies, origin_of

HTTPS, LOOPBACK = Cookies("https://console.example"), Cookies("http://127.0.0.1:8081")
ID = "A" * 43


def _request(cookie: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", cookie.encode("latin-1"))]})


def _set(response: Response) -> list[tuple[str, set[str]]]:
    found = []
    for header in response.headers.getlist("set-cookie"):
        pair, *attributes = header.split("; ")
        found.append((pair, {one.lower() for one in attributes}))
    return found


@pytest.mark.parametrize(
    "address", ["http://console.example", "ftp://127.0.0.1", "console.example", "http://127.1.evil"]
)
def test_addresses_that_are_not_used(address: str) -> None:
    """Neither https nor this machine: a cookie could be read on the way."""
    with pytest.raises(ValueError, match="https"):
        Cookies(address)


def test_attributes_over_https() -> None:
    """Every cookie: this host, the whole of it, https alone, no script; Strict but for the one that comes back."""
    answer = Response()
    HTTPS.set_session(answer, ID)
    HTTPS.set_proof(answer, b"proof")
    HTTPS.set_waiting(answer, "w")
    always = {"httponly", "path=/", "secure"}
    assert _set(answer) == [
        (f"__Host-lt_session={ID}", always | {"samesite=strict"}),
        ("__Host-lt_known=cHJvb2Y", always | {"samesite=strict", "max-age=15552000"}),
        ("__Host-lt_sso=w", always | {"samesite=lax", "max-age=600"}),
    ]


def test_taking_back() -> None:
    """With the attributes a browser needs to find the cookie again."""
    answer = Response()
    HTTPS.drop_session(answer)
    HTTPS.drop_waiting(answer)
    for _, attributes in _set(answer):
        assert {"max-age=0", "path=/", "secure", "httponly"} <= attributes


def test_names_are_not_mixed() -> None:
    """A cookie with a plain name is not taken over https, where anybody on a sister domain could have set it."""
    assert HTTPS.session_id(_request(f"lt_session={ID}")) is None
    assert HTTPS.session_id(_request(f"__Host-lt_session={ID}")) == ID
    assert LOOPBACK.session_id(_request(f"lt_session={ID}")) == ID


@pytest.mark.parametrize("value", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "\n", "../" * 14 + "x"])
def test_what_is_no_id(value: str) -> None:
    """Anything of another form is no session, and no file or statement ever sees it."""
    assert LOOPBACK.session_id(_request(f"lt_session={value}")) is None


@pytest.mark.parametrize(("value", "proof"), [("cHJvb2Y", b"proof"), ("", b""), ("not base64!", b""), ("é", b"")])
def test_the_proof_of_a_browser(value: str, proof: bytes) -> None:
    """Read, or nothing when it cannot be."""
    assert LOOPBACK.proof(_request(f"lt_known={value}")) == proof


def test_origins() -> None:
    """Scheme, host and port, as a browser writes them."""
    assert origin_of("https://Console.Example/path") == "https://console.example"
    assert origin_of("http://127.0.0.1:8081") == "http://127.0.0.1:8081"
