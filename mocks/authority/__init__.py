"""A time-stamping authority (RFC 3161), answered by Debian's `openssl ts`. Not a registry: it knows no people."""

from mocks.authority.credentials import Credentials, make_credentials
from mocks.authority.server import FAULTS, build
from mocks.authority.variants import PRESETS, Variant

__all__ = ["FAULTS", "PRESETS", "Credentials", "Variant", "build", "make_credentials"]
