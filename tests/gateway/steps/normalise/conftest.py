"""The shipped territory, read once."""

import pytest

from config.errors import Findings
from config.files import Files
from config.territory import read
from gateway.steps.normalise.gazetteer import Places, places
from tests.config.folder import SHIPPED


@pytest.fixture(scope="session")
def shipped_places() -> Places:
    """Every unit before and since 2025-07-01."""
    findings = Findings()
    found = places(read(Files(SHIPPED, findings)))
    assert not findings.problems
    return found
