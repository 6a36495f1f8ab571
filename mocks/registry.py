"""Every registry this country has. A new one is one folder and one line here.

Rule of this package's folders: each offers the names of `Registry`, so that whoever starts mocks needs no word about
any of them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from starlette.types import ASGIApp

from mocks import business, population, tax
from mocks.faults import Fault


class Registry(Protocol):
    """What a registry's package offers. `Any` are its own classes of credentials and variants."""

    @property
    def FAULTS(self) -> frozenset[Fault]:  # noqa: N802 - a constant of a module
        """The faults it plays itself, beside the generic ones."""
        ...

    @property
    def PRESETS(self) -> Mapping[str, Any]:  # noqa: N802 - a constant of a module
        """Its variants by name; the first is the one it starts with."""
        ...

    @property
    def make_credentials(self) -> Callable[[Path], Any]:
        """The credentials kept in a folder, made where missing."""
        ...

    @property
    def build(self) -> Callable[..., ASGIApp]:
        """The application: credentials, and by keyword `now` (a clock) and `variant` (None: the first preset)."""
        ...


REGISTRIES: Mapping[str, Registry] = {
    "population": population,
    "business": business,
    "tax": tax,
}
"""Name, as the gateway's `sources.toml` calls the source, to the package."""
