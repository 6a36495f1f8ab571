"""A witness of transparency logs (C2SP tlog-witness), to try a log against. Not a registry: it knows no people."""

from mocks.witness.credentials import Credentials, make_credentials
from mocks.witness.server import FAULTS, build
from mocks.witness.variants import PRESETS, Variant

__all__ = ["FAULTS", "PRESETS", "Credentials", "Variant", "build", "make_credentials"]
