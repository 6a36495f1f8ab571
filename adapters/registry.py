"""Every source the gateway can ask. A new database is one folder and one line here."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from adapters import business, population, tax
from adapters.contract import Adapter
from adapters.observe import Observer
from adapters.settings import AdapterSettings


class Build(Protocol):
    """Makes an adapter. Raises `adapters.settings.ProfileError` when the settings do not fit; opens no connection."""

    def __call__(self, settings: AdapterSettings, *, now: Callable[[], datetime], observe: Observer) -> Adapter:
        """The adapter these settings describe."""
        ...


BUILD: Mapping[str, Build] = {
    "population": population.build,
    "business": business.build,
    "tax": tax.build,
}
"""Adapter name, as in `sources.toml`, to what makes it."""
