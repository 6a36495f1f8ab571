"""What the tests of the scripts share."""

import pytest

from tests.gateway.console.static.node import Scripts


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """The console's scripts in Node."""
    return Scripts(tmp_path_factory.mktemp("scripts"))
