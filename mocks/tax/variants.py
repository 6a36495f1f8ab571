"""How the mock's answers look: what the profile leaves open, alone or combined."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Names(StrEnum):
    """How a taxpayer's name is written."""

    RECORDED = "recorded"  # as the register holds it
    CAPITALS = "capitals"


class Addresses(StrEnum):
    """How an address is written."""

    RECORDED = "recorded"  # text and codes, in the scheme the register holds
    CURRENT = "current"  # text and codes, in the units of today
    FORMER = "former"  # text and codes, with a district, in the units before 2025-07-01
    TEXT = "text"  # one line and no codes
    CODES = "codes"  # codes and names, no line
    ABSENT = "absent"


class Obligations(StrEnum):
    """Which amounts are listed."""

    RECORDED = "recorded"
    NONE = "none"  # an empty list: nothing is owed
    MANY = "many"  # two hundred
    WITHHELD = "withheld"  # no list at all


class Layout(StrEnum):
    """How the signature is written; every form is allowed."""

    PLAIN = "plain"
    PREFIX_LIST = "prefix_list"  # InclusiveNamespaces in every transform, as Java stacks write it
    FOLDED = "folded"  # base64 in lines of 76, Timestamp first, references in the other order


class Complaint(StrEnum):
    """What the fault `soap_fault` says."""

    RECEIVER = "receiver"
    SENDER = "sender"
    BUSY = "busy"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Variant:
    """One look of the answers. `signed_faults`: whether SOAP faults carry a signature; both are allowed."""

    names: Names = Names.RECORDED
    addresses: Addresses = Addresses.RECORDED
    obligations: Obligations = Obligations.RECORDED
    layout: Layout = Layout.PLAIN
    complaint: Complaint = Complaint.RECEIVER
    signed_faults: bool = False


PRESETS: Mapping[str, Variant] = MappingProxyType(
    {
        "wsse": Variant(),
        "capitals": Variant(names=Names.CAPITALS, addresses=Addresses.TEXT),
        "current": Variant(addresses=Addresses.CURRENT, layout=Layout.PREFIX_LIST),
        "former": Variant(addresses=Addresses.FORMER, layout=Layout.FOLDED, signed_faults=True),
        "codes": Variant(addresses=Addresses.CODES, obligations=Obligations.NONE),
        "many": Variant(obligations=Obligations.MANY, names=Names.CAPITALS),
        "sparse": Variant(addresses=Addresses.ABSENT, obligations=Obligations.WITHHELD),
    }
)
