"""The mixed log, made once for all tests here."""

import pytest

from tests.gateway.audit.extract import mixed_log
from tests.gateway.audit.extract.mixed_log import MixedLog


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> MixedLog:
    """A log of every kind, a little longer than one page of an export; not to be altered."""
    return mixed_log.make(tmp_path_factory.mktemp("mixed"), 300)
