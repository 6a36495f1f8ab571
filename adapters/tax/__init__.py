"""The tax authority's register of taxpayers, over the profile documented in docs/tax-profile.md.

Rule of this package: no specification of such a service is public; whatever the authority will agree to differently
changes here and in the profile's page, nowhere else. READ FIRST: `adapter`, then `wsse`.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

from lxml import etree

from adapters import soap
from adapters.connection import tls_context
from adapters.contract import Adapter
from adapters.observe import Observer
from adapters.settings import AdapterSettings
from adapters.tax.adapter import TaxAdapter
from adapters.tax.profiles import profile
from adapters.transport import Transport

__all__ = ["CONTRACT", "build"]

# the contract files and their SHA-256: a changed contract is a new version of the profile
CONTRACT = {
    "tax.wsdl": "5b8b2530ac9d1e4351d21d80c50f9df2c50eb815e66f31ce3ccb21f53db32e1c",
    "tax.xsd": "7285b76763d96677badc9e44bc5268f758be07e2cc89a409aa66f6e2f5ddb593",
}


def build(settings: AdapterSettings, *, now: Callable[[], datetime], observe: Observer) -> Adapter:
    """The adapter for `settings`; keys and contract files are read here, once.

    Credentials, as PEM text: `client_key`, `client_certificate`, `server_certificate`. Options: `ca_file`,
    `clock_tolerance_seconds`. Raises `ProfileError` for anything an operator must put right.
    """
    chosen = profile(settings)
    documents = soap.vendored(__name__, CONTRACT)
    return TaxAdapter(
        settings.source,
        settings.url,
        profile=chosen,
        wsdl=soap.Wsdl(documents, "tax.wsdl"),
        schema=etree.XMLSchema(soap.parse(documents["tax.xsd"])),
        transport=Transport(settings, observe=observe, tls=tls_context(chosen.ca_file)),
        now=now,
        new_id=lambda: secrets.token_hex(16),
    )
