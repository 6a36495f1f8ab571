"""Firms and tax codes with something odd about them: what they have instead of what would be drawn.

Rule of this file: values by code, no decisions. `interesting.py` says in words why each one is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class OddFirm:
    """A firm as documented: legal status, type and directors fixed, everything else drawn."""

    status: str = "1"
    type_id: str = "2"
    directors: int = 1
    foreign_name: bool = True
    legacy_office: bool = False
    tax: tuple[str, str] | None = None  # status and reason, where they do not follow from the legal status
    tax_elsewhere: bool = False  # the tax register has another address than the head office
    debts: int = 0
    document_ends: date | None = None  # of its directors' identity documents


ODD_FIRMS: Mapping[str, OddFirm] = MappingProxyType(
    {
        "0100109106": OddFirm(),
        "0109000015": OddFirm(status="7"),
        "4809000018": OddFirm(status="2"),
        "4809000025": OddFirm(type_id="4", directors=3),
        "0309000037": OddFirm(foreign_name=False, document_ends=date(2024, 6, 30)),
        "3109000042": OddFirm(tax=("09", "01")),
        "4809000057": OddFirm(debts=3),
        "7909000063": OddFirm(tax_elsewhere=True),
        "5609000076": OddFirm(status="6"),
        "4809000089": OddFirm(legacy_office=True),
        "3809000094": OddFirm(status="3"),
        "9209000103": OddFirm(status="4"),
        "0109000110": OddFirm(status="5"),
        "0109000128": OddFirm(tax=("02", "01")),
        "0809000130": OddFirm(tax=("04", "")),
    }
)

# Ten-digit codes of natural persons: who they belong to, or the foreigner's name and nationality.
PERSONAL_CODES: Mapping[str, str] = MappingProxyType(
    {
        "8000000011": "JOHN MICHAEL SMITH",
        "8000000029": "004192000123",
    }
)
