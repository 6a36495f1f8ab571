"""Changes to the text of a portal file that leave every other character as it was.

Rule of this file: text in, text out. Each change is checked by reading the result back: it must say exactly what the
old text said plus the change, or it is not made (`NotEdited`) and a person has to.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_KEYS_HEADER = re.compile(r"\s*\[\[\s*keys\s*\]\]\s*(#.*)?")
_ANY_HEADER = re.compile(r"\s*\[")
_NOT_AFTER = re.compile(r"(\s*not_after\s*=\s*)[0-9TtZz:.+ -]*[0-9Zz](.*)", re.DOTALL)


class NotEdited(Exception):  # noqa: N818  # it says what happened
    """The text has a form this file does not change safely."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to register. `public_key` is the path of its PEM file, relative to the portals folder."""

    kid: str
    alg: str
    public_key: str
    not_before: datetime
    not_after: datetime

    def members(self) -> dict[str, Any]:
        """What the key's block says."""
        return {
            "kid": self.kid,
            "alg": self.alg,
            "public_key": self.public_key,
            "not_before": _second(self.not_before),
            "not_after": _second(self.not_after),
        }


def new_portal(
    *,
    agency: str,
    name_vi: str,
    name_en: str,
    sandbox: bool,
    procedures: Sequence[str],
    operations: Sequence[str],
    registers: Sequence[str] = (),
    bases: Sequence[str],
) -> str:
    """The text of a new portal file, with modest limits and no key yet."""
    lines = [
        f"agency = {_value(agency)}",
        f"name_vi = {_value(name_vi)}",
        f"name_en = {_value(name_en)}",
        f"sandbox = {_value(sandbox)}",
        f"procedures = {_value(list(procedures))}",
        f"operations = {_value(list(operations))}",
        *([f"registers = {_value(list(registers))}"] if registers else []),
        f"bases = {_value(list(bases))}",
        "",
        "[limits]",
        "per_second = 20",
        "burst = 40",
        "in_flight = 16",
        "body_kib = 256",
        "",
    ]
    text = "\n".join(lines)
    _read(text)
    return text


def with_key(text: str, key: NewKey) -> str:
    """The text with one more `[[keys]]` block at its end. Raises `NotEdited`."""
    block = "\n".join(f"{name} = {_value(value)}" for name, value in key.members().items())
    changed = f"{text.rstrip()}\n\n[[keys]]\n{block}\n"
    before = _read(text)
    return _checked(changed, {**before, "keys": [*before.get("keys", []), key.members()]})


def with_revocation(text: str, kid: str, at: datetime) -> str:
    """The text with `revoked_at` in the block of `kid`. Raises `NotEdited`, also when it is revoked already."""
    if any(key.get("kid") == kid and "revoked_at" in key for key in _read(text).get("keys", [])):
        raise NotEdited(f"the key {kid} is revoked already")
    line = f"revoked_at = {_value(at)}\n"

    def insert(block: list[str]) -> list[str]:
        last = max(n for n, line in enumerate(block) if line.strip() and not line.lstrip().startswith("#"))
        ended = block[last] if block[last].endswith("\n") else block[last] + "\n"
        return [*block[:last], ended, line, *block[last + 1 :]]

    return _in_block(text, kid, change=insert, said={"revoked_at": _second(at)})


def with_end(text: str, kid: str, at: datetime) -> str:
    """The text with `not_after` in the block of `kid` set to `at`. Raises `NotEdited`."""

    def replace(block: list[str]) -> list[str]:
        return [_NOT_AFTER.sub(rf"\g<1>{_value(at)}\g<2>", line) for line in block]

    return _in_block(text, kid, change=replace, said={"not_after": _second(at)})


def _in_block(text: str, kid: str, *, change: Callable[[list[str]], list[str]], said: Mapping[str, Any]) -> str:
    before = _read(text)
    positions = [n for n, key in enumerate(before.get("keys", [])) if key.get("kid") == kid]
    if len(positions) != 1:
        raise NotEdited(f"there is no key {kid}" if not positions else f"the key {kid} is there twice")
    lines = text.splitlines(keepends=True)
    start, end = _bounds(lines, positions[0])
    changed = "".join([*lines[:start], *change(lines[start:end]), *lines[end:]])
    keys = [{**key, **said} if n == positions[0] else key for n, key in enumerate(before["keys"])]
    return _checked(changed, {**before, "keys": keys})


def _bounds(lines: Sequence[str], position: int) -> tuple[int, int]:
    starts = [n for n, line in enumerate(lines) if _KEYS_HEADER.fullmatch(line)]
    if position >= len(starts):
        raise NotEdited("the keys are not written as [[keys]] blocks")
    start = starts[position]
    ends = [n for n, line in enumerate(lines) if n > start and _ANY_HEADER.match(line)]
    return start, ends[0] if ends else len(lines)


def _checked(changed: str, expected: Mapping[str, Any]) -> str:
    if _read(changed) != expected:
        raise NotEdited("the file is written in a way that cannot be changed safely")
    return changed


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotEdited(f"the file would not be TOML: {error}") from None


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _value(value: str | bool | list[str] | datetime) -> str:  # any TOML value
    if isinstance(value, datetime):
        return _second(value).strftime("%Y-%m-%dT%H:%M:%SZ")
    # JSON texts, lists and booleans are TOML ones, but for the one control character JSON leaves alone
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
