"""What the population service and its client share, one value per file."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from mocks import kept

_AUTH_URL = "http://dancuquocgia.bca/xacthuc"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The client's account. `auth_url` is the text that goes into the hash, not an address anybody calls."""

    username: str
    secret: str = field(repr=False)
    api_key: str = field(repr=False)
    xroad_client: str
    auth_url: str


def make_credentials(directory: Path) -> Credentials:
    """The credentials kept in `directory`, made where missing. Raises `OSError` when a file cannot be written."""
    return Credentials(
        username=kept.value(directory, "username", lambda: "lienthong"),
        secret=kept.value(directory, "secret", lambda: secrets.token_hex(24)),
        api_key=kept.value(directory, "api_key", lambda: secrets.token_hex(16)),
        xroad_client=kept.value(directory, "xroad_client", lambda: "VN/GOV/000.00.00.H14/lienthong"),
        auth_url=kept.value(directory, "auth_url", lambda: _AUTH_URL),
    )
