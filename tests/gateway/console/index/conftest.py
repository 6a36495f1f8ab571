"""The crowd's log and its index, made once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.gateway.console.index import crowd as crowds
from tests.gateway.console.index.crowd import Crowd
from tests.gateway.console.index.indexed import Indexed, indexed


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """A log of every kind; not to be altered."""
    return crowds.make(tmp_path_factory.mktemp("crowd"))


@pytest.fixture(scope="module")
def whole(crowd: Crowd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Indexed]:
    """Its index."""
    with indexed(crowd.folder, tmp_path_factory.mktemp("index") / "index.sqlite") as made:
        made.follow()
        yield made
