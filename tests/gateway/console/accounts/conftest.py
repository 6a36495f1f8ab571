"""What the tests of the accounts share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.console.accounts.office import Office, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Accounts over a new file."""
    with opened(tmp_path) as made:
        yield made
