"""What an adapter is built from, and the strict reading of its options.

Rule of this file: values in, values out; no file, no environment. A wrong option is named by its key so that
the operator's file and line can be shown beside the sentence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any


class ProfileError(ValueError):
    """An adapter cannot be built from these settings.

    `key` is the option or credential at fault; None means the profile's name. The sentence never holds the
    value of a credential.
    """

    def __init__(self, sentence: str, *, key: str | None = None) -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True, slots=True)
class AdapterSettings:
    """One source, as an operator configured it."""

    source: str  # the name in the vocabulary: population, business, tax
    profile: str
    url: str
    attempts: int  # tries per look-up, the first included
    concurrency: int  # calls at once
    queue: int  # callers waiting beside them
    breaker_failures: int  # consecutive failures that open the breaker
    breaker_pause: timedelta  # how long an open breaker refuses before it lets one probe through
    max_bytes: int  # of one answer
    options: Mapping[str, Any]
    credentials: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Option:
    """One option an adapter understands.

    `kind` is `str`, `int`, `bool` or `dict` (a table of text to text). `choices` closes a text option; an
    empty text is refused unless it is a choice.
    """

    kind: type[str] | type[int] | type[bool] | type[dict[str, str]]
    default: Any = None
    choices: tuple[str, ...] = ()


_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table of texts",
}


def options(given: Mapping[str, Any], known: Mapping[str, Option]) -> dict[str, Any]:
    """Every known option with its given or default value.

    Raises `ProfileError` for an unknown key, a wrong type, an empty text or a value that is not a choice.
    """
    for key in given:
        if key not in known:
            raise ProfileError(f"there is no option {key}; known are {_listed(known)}", key=key)
    return {key: _value(key, given[key], option) if key in given else option.default for key, option in known.items()}


def credentials(
    given: Mapping[str, str], *, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, str | None]:
    """The named credentials; an optional one that is not given is None.

    Raises `ProfileError` when a required one is missing or empty, or one is given that nothing would use.
    """
    wanted = tuple(required)
    allowed = (*wanted, *optional)
    for key in given:
        if key not in allowed:
            raise ProfileError(f"the credential {key} is not used by this profile", key=key)
    for key in wanted:
        if not given.get(key):
            raise ProfileError(f"the credential {key} is missing", key=key)
    return {key: given.get(key) or None for key in allowed}


def _value(key: str, value: object, option: Option) -> object:
    if option.choices and value not in option.choices:
        raise ProfileError(f"{key} must be one of {_listed(option.choices)}", key=key)
    # bool is a subclass of int in Python: `attempts = true` must not pass as a number
    if type(value) is not option.kind:
        raise ProfileError(f"{key} must be {_WORDS[option.kind]}", key=key)
    if value == "" and not option.choices:
        raise ProfileError(f"{key} must not be empty", key=key)
    if isinstance(value, dict) and not all(isinstance(v, str) and v for pair in value.items() for v in pair):
        raise ProfileError(f"{key} must be a table of texts", key=key)
    return value


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
