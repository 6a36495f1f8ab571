"""Tests of the files a page may load."""

from pathlib import Path

import pytest

from gateway.console.web.files import TYPES, Files
from gateway.console.web.pages import STATIC


def test_the_version_is_that_of_all_files(tmp_path: Path) -> None:
    """Any change of any file, and a new name, is another address for each of them."""
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.css").write_text("2")
    before = Files(tmp_path)
    assert Files(tmp_path).version == before.version
    (tmp_path / "b.css").write_text("3")
    changed = Files(tmp_path)
    assert changed.address("a.js") != before.address("a.js")
    (tmp_path / "b.css").rename(tmp_path / "c.css")
    assert Files(tmp_path).version != changed.version


def test_a_file_without_a_content_type_is_refused(tmp_path: Path) -> None:
    """A file nobody meant to serve does not get served as something."""
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        Files(tmp_path)


def test_an_unknown_name_has_no_address(tmp_path: Path) -> None:
    """A template that names a file which is not there fails when it is rendered."""
    with pytest.raises(KeyError):
        Files(tmp_path).address("none.css")


def test_nothing_shipped_is_fetched_from_elsewhere() -> None:
    """No style sheet, script or image names another host; an SVG's namespace is no address."""
    for path in STATIC.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/", "")
        assert path.suffix in TYPES
        assert "http://" not in text, path.name
        assert "https://" not in text.replace("https://github.com", "").replace("https://c2sp.org", ""), path.name
