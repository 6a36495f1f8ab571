"""How an authority behaves: as asked, or refusing every request by its policy."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """`grants`: whether it takes SHA-256. One that does not answers with PKIStatus rejection."""

    grants: bool = True


PRESETS = {"granting": Variant(), "rejecting": Variant(grants=False)}
