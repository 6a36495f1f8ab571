"""How a mock's answers look: frozen dataclasses of enums and booleans, chosen by name, changed member by
member.

Rule of this file: an unknown preset, member or value is an error that says what there is; nothing is ignored.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any, TypeVar

# A source's own frozen dataclass whose members are StrEnum or bool.
V = TypeVar("V")


class VariantError(ValueError):
    """The wanted variant does not exist. The text lists what does."""


def changed(presets: Mapping[str, V], current: V, wanted: Mapping[str, Any]) -> V:
    """The variant `wanted` describes: `preset` is the start (default: `current`), other members replace
    single ones.

    Raises `VariantError` for an unknown preset or member, and for a value the member cannot take.
    """
    start = current
    members = dict(wanted)
    if "preset" in members:
        name = members.pop("preset")
        if not isinstance(name, str) or name not in presets:
            raise VariantError(f"preset must be one of {', '.join(presets)}")
        start = presets[name]
    values = {name: _value(start, name, value) for name, value in members.items()}
    return replace(start, **values)  # type: ignore[type-var]


def parsed(presets: Mapping[str, V], current: V, text: str) -> V:
    """The same from a command line: `qcvn109`, `district=false` or `live,verify=exists,district=false`."""
    wanted: dict[str, Any] = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        wanted["preset" if not sign else name] = _word(value) if sign else name
    return changed(presets, current, wanted)


def described(variant: object) -> dict[str, StrEnum | bool]:
    """Every member of a variant with its value, as `changed` accepts it."""
    return {field.name: getattr(variant, field.name) for field in fields(variant)}  # type: ignore[arg-type]


def _word(value: str) -> str | bool:
    return {"true": True, "false": False}.get(value, value)


def _value(variant: object, name: str, value: object) -> StrEnum | bool:
    known = described(variant)
    if name not in known:
        raise VariantError(f"a variant's members are {', '.join(known)}")
    now = known[name]
    if isinstance(now, bool):
        if not isinstance(value, bool):
            raise VariantError(f"{name} is true or false")
        return value
    kind = type(now)
    if not isinstance(value, str) or value not in set(kind):
        raise VariantError(f"{name} must be one of {', '.join(kind)}")
    return kind(value)
