"""Who cosigns and who stamps, and how often they are asked.

Rule of this file: values that are checked when they are made, so that nothing is found out at the first request.
"""

from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from cryptography import x509

from signing.cosignatures import WitnessKey

LARGEST_ANSWER = 256 * 1024
"""Bytes of an answer that are read at most. A token with its certificates is a few thousand."""


class EndpointRefused(ValueError):  # noqa: N818  # the name says what happened; "Error" after it would say it twice
    """A witness or an authority cannot be used as it is configured. The sentence says why."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness. `name`: for operators; `url`: its submission prefix. Raises `EndpointRefused` for an unfit address."""

    name: str
    url: str = field(repr=False)
    key: WitnessKey

    def __post_init__(self) -> None:
        _check_url(self.url)

    @property
    def add_checkpoint(self) -> str:
        """Where checkpoints are sent."""
        return f"{self.url.rstrip('/')}/add-checkpoint"


@dataclass(frozen=True, slots=True)
class Authority:
    """A time-stamping authority. `roots`: the certificates its token must lead to; `every`: time between two tokens.

    Raises `EndpointRefused` for an unfit address, no certificate, or a time that is not positive.
    """

    name: str
    url: str = field(repr=False)
    roots: tuple[x509.Certificate, ...] = field(repr=False)
    every: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.roots:
            raise EndpointRefused("a time-stamping authority needs at least one root certificate")
        if self.every <= timedelta():
            raise EndpointRefused("the time between two time-stamps is positive")


def read_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates in PEM text. Raises `EndpointRefused` when there is none or one cannot be read."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise EndpointRefused("not a file of certificates in PEM") from None


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """Everything about making the log known. Times in seconds.

    interval   how often it is looked whether the log grew
    idle       a witness is asked again after this long even when it did not, so that its time moves on
    deadline   of one exchange, from connecting to the last byte
    longest    between two tries at an endpoint that fails; the first comes after about `interval`, each later one
               after about twice the time of the one before
    """

    witnesses: tuple[Witness, ...] = ()
    authorities: tuple[Authority, ...] = ()
    interval: float = 5.0
    idle: float = 600.0
    deadline: float = 10.0
    longest: float = 300.0

    def __post_init__(self) -> None:
        """Raises `EndpointRefused` for names or keys that are there twice, and for times that are not positive."""
        for kind, endpoints in (("witnesses", self.witnesses), ("authorities", self.authorities)):
            if len({one.name for one in endpoints}) != len(endpoints):
                raise EndpointRefused(f"two {kind} have the same name")
        if len({one.key.name for one in self.witnesses}) != len(self.witnesses):
            raise EndpointRefused("two witnesses have keys of the same name")
        if min(self.interval, self.idle, self.deadline, self.longest) <= 0:
            raise EndpointRefused("times are positive")


def _check_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise EndpointRefused("not an address") from None
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
        raise EndpointRefused("an address is http or https, with a host, without query and fragment")
