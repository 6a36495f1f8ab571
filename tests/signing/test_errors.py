"""Tests of the error tree."""

import pytest

from signing import errors


def test_the_base_is_abstract() -> None:
    """SigningError itself cannot be raised."""
    with pytest.raises(TypeError):
        errors.SigningError("x")


def test_every_kind_has_its_own_code_and_stands_in_the_tree() -> None:
    """Codes differ, and the module's docstring names every class."""
    kinds = errors.SigningError.__subclasses__()
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert f"      {kind.__name__} " in (errors.__doc__ or "")
