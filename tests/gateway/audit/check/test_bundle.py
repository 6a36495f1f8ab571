"""The checker as a single file: built alike everywhere, run where there is nothing but Python and `cryptography`."""

import ast
import hashlib
import io
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.audit import check
from gateway.audit.check.bundle import NAME, checker
from gateway.cli.log import app
from tests.gateway.audit.check import full_log
from tests.gateway.audit.check.attacked import envelopes, write
from tests.gateway.audit.check.full_log import FullLog

SOURCES = Path(check.__file__).parent


@dataclass(frozen=True, slots=True)
class Bare:
    """A Python of its own with the packages of `cryptography` alone, and the single file in a folder of its own."""

    python: Path
    file: Path

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """The file as an auditor runs it."""
        command = [str(self.python), str(self.file), *map(str, words)]
        environ = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        return subprocess.run(command, check=False, capture_output=True, text=True, cwd=self.file.parent, env=environ)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> FullLog:
    """A real log with its export."""
    return full_log.make(tmp_path_factory.mktemp("log"), calls=5)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """What the command wrote, where nothing else of us is."""
    folder = tmp_path_factory.mktemp("auditor")
    place = folder / "checker" / NAME
    place.parent.mkdir()
    written = CliRunner().invoke(app, ["checker", "--out", str(place)])
    assert written.exit_code == 0, written.output
    return Bare(_environment(folder / "python", "cryptography", "cffi", "_cffi_backend"), place)


def _environment(folder: Path, *packages: str) -> Path:
    """A virtual environment with nothing but these packages of ours in it; its Python."""
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    for name in packages:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        real = origin.parent if origin.name == "__init__.py" else origin
        (site / real.name).symlink_to(real)
    return folder / "bin" / "python"


def test_it_verifies_where_nothing_else_is(bare: Bare, log: FullLog, tmp_path: Path) -> None:
    """Store and export, with key ring and an earlier checkpoint; no other package of ours or anyone's can be there."""
    command = [bare.python, "-c", "import gateway"]
    alone = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert "No module named 'gateway'" in alone.stderr
    kept = tmp_path / "kept.txt"
    kept.write_text(log.notes[0], encoding="utf-8")
    more = ("--public-key", log.places.vkey, "--checkpoint", kept, "--keys", log.places.ring)
    for place, report in ((log.places.store, log.in_store()), (log.export, log.in_export())):
        done = bare.run(place, *more)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"OK  {log.size} entries, {report.checkpoints} checkpoints")
        assert f"root  {report.newest.root.hex()}" in done.stdout
        assert " 0 sealed, 12 erased" in done.stdout


def test_it_says_the_same_as_the_command(bare: Bare, log: FullLog, tmp_path: Path) -> None:
    """An altered entry, a missing file, an unusable key: the same words and exit codes as `gateway log verify`."""
    spoilt = log.copy(tmp_path)
    entries = envelopes(spoilt.export)
    write(spoilt.export, [*entries[:9], entries[10], entries[9], *entries[11:]])
    seen = set()
    for words in (
        [log.export],
        [spoilt.export],
        [spoilt.export, "--keys", spoilt.places.ring],
        [tmp_path / "nowhere"],
        [log.export, "--public-key", "rubbish"],
        [log.export, "--checkpoint", log.export / "manifest.json"],
    ):
        done = bare.run(*words)
        command = CliRunner().invoke(app, ["verify", *map(str, words)])
        assert (done.returncode, done.stdout, done.stderr) == (command.exit_code, command.stdout, command.stderr)
        seen.add(done.returncode)
    assert seen == {0, 1, 2}


def test_its_help_says_the_exit_codes(bare: Bare) -> None:
    """What an auditor has to know stands in the file itself."""
    told = " ".join(bare.run("--help").stdout.split())
    assert "0 it holds, 1 it does not (the first bad entry is named), 2 it could not be checked" in told
    assert bare.run().returncode == 2


def test_without_cryptography_it_says_what_is_missing(bare: Bare, log: FullLog, tmp_path: Path) -> None:
    """No traceback: a sentence with the command that helps."""
    poor = Bare(_environment(tmp_path / "python"), bare.file).run(log.export)
    sentence = "COULD NOT CHECK  the Python package cryptography is needed: python3 -m pip install cryptography\n"
    assert (poor.returncode, poor.stdout, poor.stderr) == (2, "", sentence)


def test_an_old_python_gets_as_far_as_the_sentence(bare: Bare) -> None:
    """What runs before the version is looked at is understood by any Python 3."""
    with zipfile.ZipFile(bare.file) as archive:
        start = archive.read("__main__.py").decode()
    looked = start.index("sys.version_info < (3, 11)")
    assert "import gateway" not in start[:looked]
    assert "from gateway" not in start[:looked]
    ast.parse(start, feature_version=(3, 4))


def test_every_machine_makes_the_same_bytes(bare: Bare, tmp_path: Path) -> None:
    """Made again, by another process with another umask and zone, it is the same file."""
    told = tmp_path / "again.pyz"
    code = (
        "import os, sys; os.umask(0o077)\n"
        "from gateway.audit.check.bundle import checker\n"
        "open(sys.argv[1], 'wb').write(checker())"
    )
    environ = {"TZ": "Asia/Ho_Chi_Minh", "PYTHONPATH": str(SOURCES.parents[2]), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code, told], check=True, cwd=tmp_path, env=environ)
    assert told.read_bytes() == bare.file.read_bytes() == checker()


def test_the_sources_are_inside_as_they_are() -> None:
    """Whoever unpacks the file reads the package, whole, not compressed, and nothing else."""
    with zipfile.ZipFile(io.BytesIO(checker())) as archive:
        inside = {info.filename: archive.read(info) for info in archive.infolist()}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    place = "gateway/audit/check/"
    package = {f"{place}{path.name}": path.read_bytes() for path in SOURCES.glob("*.py") if path.name != "bundle.py"}
    others = {name: data for name, data in inside.items() if name not in package}
    assert {name: inside.get(name) for name in package} == package
    assert others.keys() == {"__main__.py", "gateway/__init__.py", "gateway/audit/__init__.py"}
    assert not others["gateway/__init__.py"] + others["gateway/audit/__init__.py"]


def test_the_command_tells_the_digest(bare: Bare, tmp_path: Path) -> None:
    """The SHA-256 it prints is that of the file, which can be executed; a place that cannot be written is exit 2."""
    out = tmp_path / "check.pyz"
    told = CliRunner().invoke(app, ["checker", "--out", str(out)])
    assert (told.exit_code, hashlib.sha256(out.read_bytes()).hexdigest() in told.output) == (0, True)
    assert out.stat().st_mode & 0o777 == 0o755
    assert out.read_bytes() == bare.file.read_bytes()
    refused = CliRunner().invoke(app, ["checker", "--out", str(tmp_path / "none" / "x")])
    assert (refused.exit_code, "No such file" in refused.output) == (2, True)
