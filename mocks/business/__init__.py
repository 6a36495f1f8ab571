"""The mock business register: NGSP's REST interface and the provincial platforms that republish it."""

from mocks.business.credentials import Credentials, make_credentials
from mocks.business.server import FAULTS, build
from mocks.business.variants import PRESETS, Absent, Blocks, Dates, Empty, Shape, Variant

__all__ = [
    "FAULTS",
    "PRESETS",
    "Absent",
    "Blocks",
    "Credentials",
    "Dates",
    "Empty",
    "Shape",
    "Variant",
    "build",
    "make_credentials",
]
