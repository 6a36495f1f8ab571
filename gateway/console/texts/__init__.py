"""The console's words in every language it speaks, from the TOML files beside this one.

Rule of this file: a key has a text in each language, or the console does not start.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

LANGUAGES = ("vi", "en")


def load() -> Mapping[str, Mapping[str, str]]:
    """Key -> language -> text. Raises ValueError when a key is in two files or misses a language."""
    messages: dict[str, Mapping[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for key, spoken in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if key in messages or set(spoken) != set(LANGUAGES):
                raise ValueError(f"{path.name}: {key} is there twice, or not in every language")
            messages[key] = spoken
    return messages


def speaker(messages: Mapping[str, Mapping[str, str]], language: str) -> Callable[[str], str]:
    """A function from a key to its text. It raises KeyError for a key that is nowhere."""

    def t(key: str) -> str:
        return messages[key][language]

    return t
