"""A copy of the shipped configuration that a test can spoil, and the environment it needs."""

import shutil
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import config
from config.check import check
from config.errors import ConfigError
from config.loader import load
from config.model import Settings

SHIPPED = Path(config.__file__).parent
AT = datetime(2026, 11, 22, tzinfo=UTC)


def environment(folder: Path) -> dict[str, str]:
    """An environment with an address per source and a secret file per credential, all made in `folder`."""
    found: dict[str, str] = {}
    folder.mkdir(exist_ok=True)
    for reference in _references(tomllib.loads((SHIPPED / "sources.toml").read_text(encoding="utf-8"))):
        if variable := reference.get("env"):
            found[variable] = f"http://127.0.0.1:1/{variable.removeprefix('LT_').removesuffix('_URL').lower()}"
        else:
            name = reference["file_env"].removeprefix("LT_").removesuffix("_FILE")
            path = folder / name.lower()
            path.write_text(f"secret of {name}\n")
            path.chmod(0o600)
            found[reference["file_env"]] = str(path)
    return found


def _references(table: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every value from outside that the shipped sources cannot do without."""
    for value in table.values():
        if isinstance(value, dict):
            if {"env", "file_env"} & value.keys():
                if not value.get("optional", False):
                    yield value
            else:
                yield from _references(value)


@dataclass(frozen=True)
class Folder:
    """A configuration folder of its own."""

    root: Path
    environ: Mapping[str, str]

    def load(self) -> Settings:
        """The settings; raises ConfigError."""
        return load(self.root, environ=self.environ)

    def problems(self) -> list[str]:
        """`file:line: message` of every problem, the file without the folder's path."""
        try:
            self.load()
        except ConfigError as error:
            return [str(problem).removeprefix(f"{self.root}/") for problem in error.problems]
        return []

    def warnings(self, at: datetime = AT) -> list[str]:
        """`file:line: message` of every warning."""
        warnings = check(self.root, self.environ, at).warnings
        return [str(warning).removeprefix(f"{self.root}/") for warning in warnings]

    def text(self, name: str) -> str:
        """A file's text."""
        return (self.root / name).read_text()

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file, its folders too."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def swap(self, name: str, old: str, new: str) -> int:
        """Replace the first `old` in a file, which must hold it. The line (from 1) where `new` begins."""
        text = self.text(name)
        assert old in text, f"{name} does not hold {old!r}"
        self.write(name, text.replace(old, new, 1))
        return text.count("\n", 0, text.index(old)) + 1

    def line(self, name: str, part: str) -> int:
        """The line (from 1) of the first `part` in a file, which must hold it."""
        return self.swap(name, part, part)

    def append(self, name: str, more: str) -> int:
        """Add text at the end of a file. The line where it begins."""
        text = self.text(name)
        self.write(name, text + more)
        return text.count("\n") + 1


def copy(target: Path) -> Folder:
    """A copy of the shipped files (not of the code) below `target`, with its environment."""
    root = target / "config"
    shutil.copytree(SHIPPED, root, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Folder(root, environment(target / "secrets"))
