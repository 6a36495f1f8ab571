"""The national population database as a source. `build` makes its adapter."""

from collections.abc import Callable, Mapping
from datetime import datetime

from adapters import soap
from adapters.connection import tls_context
from adapters.contract import Adapter
from adapters.observe import Observer
from adapters.population.adapter import PopulationAdapter
from adapters.population.profiles import profile
from adapters.settings import AdapterSettings
from adapters.transport import Transport

__all__ = ["CONTRACT", "build"]

CONTRACT: Mapping[str, str] = {
    "population.wsdl": "576bdb7ffdccc2491cf51ba4fe359d0bb920c32597f2b7ac26f1d945383b5859",
    "population.xsd": "1fda1aca1f384afd44efe75707d56e9a62d32998b64b49342af375c3658225d3",
    "dancu.xsd": "7f33fab82a399baa91cc94c7ec4d9055828dff947826fcc45745f0428a2142da",
}
"""The contract files of this adapter and their SHA-256."""


def build(settings: AdapterSettings, *, now: Callable[[], datetime], observe: Observer) -> Adapter:
    """The adapter these settings describe. Opens no connection.

    Raises `ProfileError` for an unknown profile, a wrong option, a missing credential or a changed contract
    file.
    """
    chosen, account = profile(settings)
    documents = soap.vendored(__name__, CONTRACT)
    return PopulationAdapter(
        settings.source,
        settings.url,
        chosen,
        account,
        wsdl=soap.Wsdl(documents, "population.wsdl", prefixes={chosen.prefix: "http://dancuquocgia.bca"}),
        transport=Transport(settings, observe=observe, tls=tls_context(chosen.ca_file)),
        now=now,
    )
