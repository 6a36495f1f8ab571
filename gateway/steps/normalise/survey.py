"""How much of the former territory converts: every commune of before, by code and by name.

Rule of this file: counted, never estimated. `gateway addresses survey` prints it.
"""

from collections import Counter
from dataclasses import dataclass

from adapters.values import RawAddress
from gateway import text
from gateway.steps.normalise.addresses import address
from gateway.steps.normalise.gazetteer import Places


@dataclass(frozen=True, slots=True)
class Survey:
    """Outcomes over all former communes. `foreign`: conversions into another province than the former one's."""

    outcomes: Counter[str]
    foreign: int

    @property
    def total(self) -> int:
        """How many communes were converted."""
        return self.outcomes.total()


def by_code(places: Places) -> Survey:
    """Each as a registry writes it: codes of province, district, commune."""
    units = places.former.units
    return _survey(
        places,
        {
            code: RawAddress(province=province, district=units.district_of[code], commune=code)
            for code, (_, province) in units.communes.items()
        },
    )


def by_name(places: Places) -> Survey:
    """Each as a person types it: one line, in capitals, without any accent."""
    units = places.former.units
    return _survey(
        places,
        {
            code: RawAddress(
                text=text.unaccented(
                    f"{name}, {units.districts[units.district_of[code]][0]}, {units.provinces[province].vi}"
                ).upper()
            )
            for code, (name, province) in units.communes.items()
        },
    )


def _survey(places: Places, addresses: dict[str, RawAddress]) -> Survey:
    outcomes: Counter[str] = Counter()
    foreign = 0
    for code, raw in addresses.items():
        value, _ = address(raw, places)
        now = (value or {}).get("current") or {}
        outcomes[str(now.get("conversion", "unknown"))] += 1
        into = now.get("province", {}).get("code")
        foreign += into not in (None, places.moved[places.former.units.communes[code][1]])
    return Survey(outcomes, foreign)
