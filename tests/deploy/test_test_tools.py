"""deploy/test-tools.sh: what is there is left alone, and several who come at the same time take turns."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.config.folder import SHIPPED

SCRIPT = SHIPPED.parent / "deploy" / "test-tools.sh"
TOOLS = ("node", "curl", "openssl")
# as apt-get does, it gives up when another one is at work
APT_GET = """#!/bin/sh
echo "$*" >>"{log}"
mkdir "{folder}/at-work" || exit 100
sleep 0.2
case "$1" in install) for tool in {tools}; do cp "$0" "{folder}/$tool"; done ;; esac
rmdir "{folder}/at-work"
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is the whole PATH: the few programs the script uses, an apt-get of our own, none of the tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("flock", "mkdir", "rmdir", "sleep", "cp"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    _program(folder / "id", "#!/bin/sh\necho 0\n")
    log = tmp_path / "asked"
    log.touch()
    _program(folder / "apt-get", APT_GET.format(log=log, folder=folder, tools=" ".join(TOOLS)))
    return folder


def _program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def _begun(programs: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([SCRIPT], env={"PATH": str(programs)}, stderr=subprocess.PIPE, text=True)


def test_several_at_the_same_time_take_turns(programs: Path, tmp_path: Path) -> None:
    """The first installs, the others wait for it and find everything there."""
    begun = [_begun(programs) for _ in range(4)]
    assert [(one.communicate()[1], one.returncode) for one in begun] == [("", 0)] * 4
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in asked] == ["update", "install"]
    assert asked[1].split()[-3:] == ["nodejs", "curl", "openssl"]


def test_what_is_there_is_left_alone(programs: Path, tmp_path: Path) -> None:
    """Nothing is asked of apt-get."""
    for tool in TOOLS:
        _program(programs / tool, "#!/bin/sh\n")
    begun = _begun(programs)
    assert (begun.communicate()[1], begun.returncode) == ("", 0)
    assert (tmp_path / "asked").read_text(encoding="utf-8") == ""


def test_who_may_not_install_is_told_what_is_missing(programs: Path) -> None:
    """A sentence with the packages, and status 1."""
    _program(programs / "id", "#!/bin/sh\necho 1000\n")
    begun = _begun(programs)
    said = begun.communicate()[1]
    assert begun.returncode == 1
    assert said.startswith("The tests need: nodejs curl openssl.")
