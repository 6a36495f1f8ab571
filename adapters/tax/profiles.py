"""The ways the tax service can be reached, each a named set of decisions.

Rule of this file: an unknown profile, option or credential is an error at start, not a surprise at the first call.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from adapters.settings import AdapterSettings, Option, ProfileError, credentials, options
from adapters.tax.keys import Certified, Identity, load_certified, load_identity

WSSE = "wsse"

_OPTIONS = {"ca_file": Option(str), "clock_tolerance_seconds": Option(int, 30)}
_MOST_TOLERANCE = 120
_KEY, _CERTIFICATE, _SERVER = "client_key", "client_certificate", "server_certificate"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a built adapter works with.

    `tolerance`: by how much the two clocks may differ. `ca_file`: PEM file of the authorities of the TLS connection;
    None for the system's.
    """

    identity: Identity = field(repr=False)
    server: Certified = field(repr=False)
    tolerance: timedelta
    ca_file: str | None


def profile(settings: AdapterSettings) -> Profile:
    """The profile an operator chose, its keys loaded.

    `wsse` is the only one: SOAP 1.2 with signed messages (docs/tax-profile.md). Raises `ProfileError`.
    """
    if settings.profile != WSSE:
        raise ProfileError(f"the tax source has no profile {settings.profile}; known is {WSSE}")
    chosen = options(settings.options, _OPTIONS)
    seconds = chosen["clock_tolerance_seconds"]
    if not 0 <= seconds <= _MOST_TOLERANCE:
        raise ProfileError(
            f"clock_tolerance_seconds must be from 0 to {_MOST_TOLERANCE}", key="clock_tolerance_seconds"
        )
    given = credentials(settings.credentials, required=(_KEY, _CERTIFICATE, _SERVER))
    own = load_identity(given[_KEY] or "", given[_CERTIFICATE] or "", key_name=_KEY, certificate_name=_CERTIFICATE)
    server = load_certified(given[_SERVER] or "", name=_SERVER)
    return Profile(own, server, timedelta(seconds=seconds), chosen["ca_file"])
