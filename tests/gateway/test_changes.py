"""What an operator changed, by kind and name, from one configuration to the next."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from config.loader import load
from gateway import changes
from tests.gateway.audit.builders import START
from tests.helpers.stack import ROOT, copy_config, portal_file

SNIPPET = """
import sys
from pathlib import Path
from config.errors import ConfigError
from config.loader import examine, Overrides
from config.errors import Findings
from gateway import changes
settings = examine(Path(sys.argv[1]), None, Overrides(), Findings(), at=None)
print(sorted(changes.objects(settings).items()))
"""


def known(config: Path) -> str:
    """The objects of a configuration, as a process of its own sees them."""
    done = subprocess.run(
        [sys.executable, "-c", SNIPPET, str(config)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


def objects(config: Path) -> changes.Objects:
    """The objects of a configuration."""
    return dict(eval(known(config)))  # noqa: S307 - printed by ourselves


def test_two_processes_see_the_same_objects(tmp_path: Path) -> None:
    """A digest does not depend on the process that computes it: sets print in any order."""
    config = copy_config(tmp_path / "config")
    portal_file(config, "H14", kid="one")
    assert known(config) == known(config)
    assert "key/H14/one" in known(config)


def test_added_altered_and_removed_objects_are_named(tmp_path: Path) -> None:
    """A portal, its key, a grant and a dossier: each change shows under its own name and no other."""
    config = copy_config(tmp_path / "config")
    portal_file(config, "H14", kid="one")
    before = objects(config)

    portal_file(config, "H41", kid="two")
    grant = config / "grants" / "1.004222.txt"
    lines = grant.read_text(encoding="utf-8").splitlines()
    dropped = next(n for n, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    grant.write_text("\n".join(lines[:dropped] + lines[dropped + 1 :]) + "\n", encoding="utf-8")
    portal = config / "portals" / "H14.toml"
    portal.write_text(portal.read_text().replace("per_second = 1000", "per_second = 5"), encoding="utf-8")
    shutil.rmtree(config / "dossiers" / "1.001612")
    (config / "grants" / "1.001612.txt").unlink()

    said = {(one.what, one.name, one.change) for one in changes.compare(before, objects(config))}
    assert said >= {
        ("portal", "H41", "added"),
        ("key", "H41/two", "added"),
        ("portal", "H14", "altered"),
        ("dossier", "1.001612", "removed"),
        ("grant", "1.001612", "removed"),
    }
    assert ("key", "H14/one", "altered") not in said
    assert ("dossier", "1.004222", "altered") not in said
    assert {one for one in said if one[1] == "1.004222"} == {("grant", "1.004222", "altered")}


def test_nothing_changed_is_no_change(tmp_path: Path) -> None:
    """The same files again say nothing."""
    config = copy_config(tmp_path / "config")
    assert changes.compare(objects(config), objects(config)) == ()


def test_what_is_remembered_is_read_back_and_a_spoilt_memory_is_empty() -> None:
    """A file that cannot be read makes everything count as added, never as unchanged."""
    assert changes.load(changes.dump("d1", {"portal/H14": "x"})) == ("d1", {"portal/H14": "x"})
    for spoilt in (b"", b"{", b"[]", b'{"configuration": "x"}', b'{"configuration": "x", "objects": 5}'):
        assert changes.load(spoilt) == (None, {})


def test_more_changes_than_an_entry_holds_are_counted() -> None:
    """An entry names as many as it can hold and says how many it does not."""
    many = changes.compare({}, {f"portal/H{n}": "x" for n in range(changes.MOST + 7)})
    event = changes.changed(many, before=None, after="d", at=START)
    assert (len(event.changes), event.omitted) == (changes.MOST, 7)


def test_no_credential_is_part_of_a_digest(tmp_path: Path) -> None:
    """Other credentials make no other object: a digest must not be something to test guesses against."""
    config = copy_config(tmp_path / "config")
    portal_file(config, "H14", kid="one")
    seen = []
    for secret in ("first", "second"):
        environ = _every_reference(config, secret, tmp_path)
        seen.append(changes.objects(load(config, environ=environ)))
    assert seen[0] == seen[1]


def _every_reference(config: Path, secret: str, folder: Path) -> dict[str, str]:
    """An environment in which every variable the configuration names is set."""
    names = set(re.findall(r'"(LT_[A-Z_]+)"', (config / "sources.toml").read_text(encoding="utf-8")))
    held = folder / secret
    held.write_text(secret, encoding="utf-8")
    held.chmod(0o600)
    return {name: str(held) if name.endswith("_FILE") else "http://127.0.0.1:1" for name in names}
