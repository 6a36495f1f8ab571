"""The files of one configuration: read once each, remembered for the digest.

Rule of this file: everything the loader learns from the folder comes through here, so the digest covers all of it.
Secrets do not: they are read by `config.references` and stay out of the digest.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

from config import lines
from config.errors import Findings
from config.place import Place
from config.table import Table

SIZE_LIMIT = 4 * 1024 * 1024  # bytes; the largest shipped file, the communes, has a twentieth of it
_SYNTAX_LINE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)$")


class Files:
    """Reads the files below `root` and keeps what was read. Names are relative to `root`, with slashes."""

    def __init__(self, root: Path, findings: Findings) -> None:
        self.root = root
        self.findings = findings
        self._read: dict[str, bytes] = {}

    def shown(self, name: str) -> str:
        """The name of a file as messages show it."""
        return str(self.root / name)

    def digest(self) -> str:
        """SHA-256, hex, over the sorted names and contents of the files read so far.

        Each name and each content goes in after its length (8 bytes, big-endian), so that no two sets of files agree.
        """
        total = hashlib.sha256()
        for name in sorted(self._read):
            for part in (name.encode(), self._read[name]):
                total.update(len(part).to_bytes(8, "big") + part)
        return total.hexdigest()

    def content(self, name: str, asked_at: Place | None = None) -> bytes | None:
        """The bytes of a file; None, with a problem recorded at `asked_at`, when it cannot be read."""
        place = asked_at or Place(self.shown(name), 1)
        try:
            path = self.root / name
            if path.stat().st_size > SIZE_LIMIT:
                self.findings.problem(place, f"{name} is larger than {SIZE_LIMIT // 1024} KiB.")
                return None
            content = path.read_bytes()
        except OSError as error:
            self.findings.problem(place, f"{name} cannot be read: {error.strerror}.")
            return None
        self._read[name] = content
        return content

    def text(self, name: str) -> str | None:
        """The text of a UTF-8 file, line ends as they are; None, with a problem recorded, when it is not one."""
        content = self.content(name)
        if content is None:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.findings.problem(Place(self.shown(name), line), "The file is not UTF-8 text.")
            return None

    def toml(self, name: str) -> Table | None:
        """The top table of a TOML file; None, with a problem recorded, when it is not one."""
        text = self.text(name)
        if text is None:
            return None
        try:
            data: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            self.findings.problem(*_syntax(self.shown(name), text, error))
            return None
        # most files are right, and finding the lines costs as much as parsing
        return Table(data, self.shown(name), cache(partial(lines.locate, text)), (), self.findings)

    def names(self, folder: str, wanted: str, *, say: str) -> list[str]:
        """The names of a folder's files that full-match the pattern `wanted`, sorted.

        Any other file is a problem, explained by `say`, so that a misspelt name is not silently left out. Hidden
        files, folders, `*.md` and `LICENCE*` are passed over.
        """
        try:
            entries = sorted((self.root / folder).iterdir())
        except OSError as error:
            place = Place(self.shown(folder), 1)
            self.findings.problem(place, f"The folder {folder} cannot be read: {error.strerror}.")
            return []
        found: list[str] = []
        for entry in entries:
            if entry.name.startswith((".", "LICENCE", "__")) or entry.suffix == ".md" or entry.is_dir():
                continue
            if re.fullmatch(wanted, entry.name):
                found.append(f"{folder}/{entry.name}")
            else:
                place = Place(self.shown(f"{folder}/{entry.name}"), 1)
                self.findings.problem(place, f"{folder} holds {say}; this file would not be read.")
        return found

    def tables(self, folder: str, wanted: str, *, say: str, required: bool = True) -> Iterator[tuple[str, Table]]:
        """The top tables of a folder's TOML files, each with the file's name without its ending; see `names`.

        One that cannot be read is a problem and left out. Not `required`: the folder may be missing.
        """
        if not required and not (self.root / folder).is_dir():
            return
        for name in self.names(folder, wanted, say=say):
            table = self.toml(name)
            if table is not None:
                yield PurePosixPath(name).name.removesuffix(".toml"), table

    def folders(self, folder: str) -> list[str]:
        """The names of the folders in a folder, sorted; hidden ones left out."""
        path = self.root / folder
        if not path.is_dir():
            self.findings.problem(Place(self.shown(folder), 1), f"The folder {folder} is missing.")
            return []
        return sorted(e.name for e in path.iterdir() if e.is_dir() and not e.name.startswith((".", "__")))


def _syntax(file: str, text: str, error: tomllib.TOMLDecodeError) -> tuple[Place, str]:
    message = str(error)
    found = _SYNTAX_LINE.search(message)
    line = int(found.group(1)) if found and found.group(1) else text.count("\n") + 1
    return Place(file, line), f"Not valid TOML: {_SYNTAX_LINE.sub('', message).strip()}."
