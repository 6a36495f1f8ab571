"""What the project is made of is pinned, and the notices of others are kept."""

import re

import pytest

from tests.docs.pages import ROOT, text


@pytest.mark.parametrize("name", ["run", "dev"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    """Each line of the locked requirements is one version with at least one SHA-256, from no named place."""
    locked = text(f"requirements/{name}.txt").replace("\\\n", " ")
    lines = [line for line in locked.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        requirement, *hashes = line.split(" --hash=")
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( ; .+)?$", requirement.strip()), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found.strip()) for found in hashes), requirement
        assert "://" not in line


def test_what_is_only_for_tests_is_not_shipped() -> None:
    """The library under the LGPL is in the development requirements alone."""
    assert "python-stdnum==" in text("requirements/dev.txt")
    assert "stdnum" not in text("requirements/run.txt")
    for package in ("gateway", "adapters", "signing", "mocks", "config"):
        for path in ROOT.glob(f"{package}/**/*.py"):
            assert "stdnum" not in path.read_text(encoding="utf-8"), path


def test_the_licence_is_whole() -> None:
    """LICENSE is the Apache License 2.0 from its title to the end of its appendix."""
    licence = text("LICENSE")
    assert "Apache License" in licence.splitlines()[1]
    assert [str(n) for n in range(1, 10)] == re.findall(r"^   (\d)\. ", licence, re.MULTILINE)
    assert licence.rstrip().endswith("limitations under the License.")


def test_notices_of_others_are_kept() -> None:
    """NOTICE names each licence file of foreign data, and each file it names is there."""
    notice = text("NOTICE")
    shipped = {str(path.relative_to(ROOT)) for path in ROOT.glob("config/**/LICENCE-*")}
    named = set(re.findall(r"(?:config|mocks)/[\w./*-]+", notice))
    assert shipped
    assert shipped <= named
    assert [path for path in named if not list(ROOT.glob(path.rstrip(".,")))] == []
