"""Where each key of a TOML text stands. `tomllib` says what a file holds but not on which line.

Rule of this file: it runs only on text `tomllib` has accepted, so it looks for positions and judges nothing.
A path is a tuple of keys and list positions: `("keys", 1, "kid")` is `kid` in the second `[[keys]]` block.
"""

import re

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*""")
_SCALAR = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'{3}.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^,\]}#\n]+''', re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def locate(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and list item of a valid TOML text."""
    return _Finder(text).run()


def _plain(quoted: str) -> str:
    def one(match: re.Match[str]) -> str:
        short, long, letter = match.groups()
        return chr(int(short or long, 16)) if short or long else _ESCAPES.get(letter, letter)

    return _ESCAPE.sub(one, quoted)


class _Finder:
    """One pass over one text. `at` is the position reached, `lines` what was found."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # array of tables -> blocks seen so far

    def run(self) -> dict[Path, int]:
        here: Path = ()
        self._blank()
        while self.at < len(self.text):
            if self._next("["):
                here = self._header()
            else:
                self._pair(here)
            self._blank()
        return self.lines

    def _header(self) -> Path:
        line = self._line()
        block = self.text.startswith("[[", self.at)
        self.at += 2 if block else 1
        *parents, name = self._key()
        self.at += 2 if block else 1
        path: Path = ()
        for part in parents:
            path = self._latest((*path, part))
            self.lines.setdefault(path, line)
        path = (*path, name)
        if block:
            self.lines.setdefault(path, line)
            self.counts[path] = self.counts.get(path, -1) + 1
            path = (*path, self.counts[path])
        self.lines[path] = line
        return path

    def _latest(self, path: Path) -> Path:
        return (*path, self.counts[path]) if path in self.counts else path

    def _pair(self, here: Path) -> None:
        line = self._line()
        path = here
        for part in self._key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._blank()
        if self._next("["):
            self._list(path)
        elif self._next("{"):
            self._inline(path)
        elif scalar := _SCALAR.match(self.text, self.at):
            self.at = scalar.end()

    def _list(self, path: Path) -> None:
        self.at += 1
        position = 0
        self._blank()
        while not self._next("]"):
            self.lines[(*path, position)] = self._line()
            self._value((*path, position))
            position += 1
            self._comma()
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        self._blank()
        while not self._next("}"):
            self._pair(path)
            self._comma()
        self.at += 1

    def _comma(self) -> None:
        self._blank()
        if self._next(","):
            self.at += 1
            self._blank()

    def _key(self) -> list[str]:
        parts: list[str] = []
        while found := _KEY_PART.match(self.text, self.at):
            quoted, literal, bare = found.groups()
            parts.append(_plain(quoted) if quoted is not None else literal if literal is not None else bare)
            self.at = found.end()
            if not self._next("."):
                break
            self.at += 1
        return parts

    def _blank(self) -> None:
        if blank := _BLANK.match(self.text, self.at):
            self.at = blank.end()

    def _next(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def _line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
