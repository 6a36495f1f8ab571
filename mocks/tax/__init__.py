"""The mock tax service: signed SOAP 1.2 over the taxpayer look-up profile, with forgeries on demand."""

from mocks.tax.credentials import Credentials, KeyKind, make_credentials
from mocks.tax.server import FAULTS, build
from mocks.tax.variants import PRESETS, Addresses, Complaint, Layout, Names, Obligations, Variant

__all__ = [
    "FAULTS",
    "PRESETS",
    "Addresses",
    "Complaint",
    "Credentials",
    "KeyKind",
    "Layout",
    "Names",
    "Obligations",
    "Variant",
    "build",
    "make_credentials",
]
