"""The population registry: the SOAP service of C06, with its authentication, its variants and its faults."""

from mocks.population.credentials import Credentials, make_credentials
from mocks.population.server import FAULTS, build
from mocks.population.variants import PRESETS, Variant

__all__ = ["FAULTS", "PRESETS", "Credentials", "Variant", "build", "make_credentials"]
