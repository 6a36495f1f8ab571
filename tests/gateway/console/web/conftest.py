"""What the tests of the pages share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.console.web import written_log
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.written_log import Written


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A log with its index; not to be altered."""
    return written_log.write(tmp_path_factory.mktemp("written"))


@pytest.fixture
async def house(tmp_path: Path, written: Written) -> AsyncIterator[House]:
    """The whole console over it."""
    async with open_house(tmp_path, written) as made:
        yield made
