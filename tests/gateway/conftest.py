"""One PostgreSQL server for all tests of a session that need one."""

from collections.abc import Iterator

import pytest

from tests.helpers.postgres import Server, postgres_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server. A test that stops it starts it again."""
    with postgres_server(tmp_path_factory.mktemp("postgresql")) as running:
        yield running
