"""One running stack per test module: mocks and gateway on loopback sockets."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.helpers.stack import Stack, stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """Mocks and gateway for all tests of a module."""
    async with stack(tmp_path_factory.mktemp("stack")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def up(running: Stack) -> AsyncIterator[Stack]:
    """The module's stack with every mock back in its ordinary state."""
    for source in running.mocks:
        await running.mock(source, "reset")
    yield running
