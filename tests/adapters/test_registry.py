"""The list of sources: complete, and every entry builds from settings or says what is wrong."""

from pathlib import Path

import pytest

import adapters
from adapters.observe import NullObserver
from adapters.registry import BUILD
from adapters.settings import ProfileError
from tests.adapters.builders import AT, settings


def test_every_adapter_package_is_listed() -> None:
    """Each folder in adapters is a source, and each source has its folder."""
    folder = Path(next(iter(adapters.__path__)))
    packages = {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}
    assert packages == set(BUILD)


@pytest.mark.parametrize("name", BUILD)
def test_unknown_profile(name: str) -> None:
    """Each adapter refuses a profile it does not have, naming none of its options."""
    with pytest.raises(ProfileError) as raised:
        BUILD[name](settings(source=name, profile="no-such"), now=lambda: AT, observe=NullObserver())
    assert raised.value.key is None
