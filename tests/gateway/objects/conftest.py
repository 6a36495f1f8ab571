"""One S3 server for the tests of a session that need one."""

from collections.abc import Iterator

import pytest

from tests.helpers.object_storage import Storage, object_storage


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """A server with a bucket. A test that stops it starts it again."""
    with object_storage(tmp_path_factory.mktemp("swift") / "data") as running:
        yield running
