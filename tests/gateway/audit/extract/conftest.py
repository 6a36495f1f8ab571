"""The mixed log, made once for all tests of a module."""

import pytest

from tests.gateway.audit.extract import mixed_log
from tests.gateway.audit.extract.mixed_log import MixedLog


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> MixedLog:
    """A log of every kind; not to be altered."""
    return mixed_log.make(tmp_path_factory.mktemp("mixed"))
