"""Every test of the configuration gets a folder of its own."""

from pathlib import Path

import pytest

from tests.config.folder import Folder, copy


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A copy of the shipped configuration that loads."""
    return copy(tmp_path)
