"""Whose browser asks, behind reverse proxies: wrong passwords are counted by it.

Each proxy adds the address it was called from to the end of `X-Forwarded-For`. What stands further left was said by
somebody else, so the list is read from its end, and only as far as proxies of ours wrote it.

Rule of this file: nobody's word is taken but a configured proxy's. What cannot be read ends the reading.
"""

import ipaddress
from collections.abc import Iterable

from starlette.requests import Request

from gateway.console.signin.reception import ClientAddress, peer

HEADER = "x-forwarded-for"
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def behind(proxies: Iterable[str]) -> ClientAddress:
    """The address of the browser, behind proxies in these networks. Raises ValueError for what is no network."""
    networks = tuple(ipaddress.ip_network(text) for text in proxies)
    if not networks:
        return peer

    def client(request: Request) -> str:
        said = [part.strip() for line in request.headers.getlist(HEADER) for part in line.split(",")]
        found = peer(request)
        for hop in (found, *reversed(said)):
            address = _parsed(hop)
            if address is None:
                return found
            found = str(address)
            if not _among(address, networks):
                return found
        return found

    return client


def _parsed(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _among(address: _Address, networks: Iterable[_Network]) -> bool:
    return any(address in network for network in networks)
