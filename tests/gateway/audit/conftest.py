"""The long log, made once for all tests of a module."""

import pytest

from tests.gateway.audit import long_log
from tests.gateway.audit.long_log import LongLog


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LongLog:
    """A log of 600 entries with a checkpoint at every size; not to be altered."""
    return long_log.make(tmp_path_factory.mktemp("log"))
