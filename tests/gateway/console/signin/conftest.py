"""What the tests of the door share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.console.signin import visitors
from tests.gateway.console.signin.visitors import Console


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console at an https address."""
    async with visitors.console(tmp_path) as made:
        yield made
