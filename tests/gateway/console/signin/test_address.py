"""Tests of the browser's address behind proxies."""

import pytest
from starlette.requests import Request

from gateway.console.signin.address import behind
from gateway.console.signin.reception import peer

OURS = ("127.0.0.1/32", "::1/128", "10.1.0.0/16")


def _request(caller: str, *said: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in said]
    return Request({"type": "http", "headers": headers, "client": (caller, 50000)})


@pytest.mark.parametrize(
    ("caller", "said", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:127.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["nonsense, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_only_our_proxies_are_believed(caller: str, said: list[str], found: str) -> None:
    """The list is read from its end, as far as proxies of ours wrote it; nobody else chooses his own address."""
    assert behind(OURS)(_request(caller, *said)) == found


def test_without_proxies_the_header_is_not_read() -> None:
    """Nobody's word is taken where no proxy is configured."""
    assert behind(()) is peer
    assert behind(())(_request("203.0.113.9", "198.51.100.1")) == "203.0.113.9"


def test_what_is_no_network_is_refused() -> None:
    """A mistake in the configuration is not a proxy that is never met."""
    with pytest.raises(ValueError, match="network"):
        behind(["proxy.example"])
