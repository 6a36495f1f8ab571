"""The mock country's authorities and agencies, made once."""

import pytest

from tests.signing.documents import pki


@pytest.fixture(scope="session")
def country() -> pki.Country:
    """Root, authority below it, agencies, a time-stamping authority, a stranger."""
    return pki.country()


@pytest.fixture(scope="session")
def signed_pdf(country: pki.Country) -> bytes:
    """A PDF with the agency's seal."""
    return pki.sign_pdf(pki.blank_pdf(), country.agency, above=(country.middle,))


@pytest.fixture(scope="session")
def signed_xml(country: pki.Country) -> bytes:
    """An XML paper with the agency's signature over its root."""
    return pki.sign_xml(pki.paper(), country.agency, above=(country.middle,))
