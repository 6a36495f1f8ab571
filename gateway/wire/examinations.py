"""The answer of `debug/verify`: every signature check, and what the gateway expected."""

from collections.abc import Iterable
from typing import Any, Protocol


class CheckLike(Protocol):
    """One check of the verification."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def passed(self) -> bool | None: ...
    @property
    def code(self) -> str | None: ...
    @property
    def detail(self) -> str: ...


def examination(checks: Iterable[CheckLike], *, replayed: bool | None, expected: dict[str, Any]) -> dict[str, Any]:
    """`valid` only when every check passed and the token was not used before; `replayed` is None when unknown."""
    shown = [
        {"number": c.number, "name": c.name, "passed": c.passed, "code": c.code, "detail": c.detail} for c in checks
    ]
    shown.append(
        {
            "number": len(shown) + 1,
            "name": "used once",
            "passed": None if replayed is None else not replayed,
            "code": "request_replayed" if replayed else None,
            "detail": "This token was used before." if replayed else "",
        }
    )
    return {"valid": all(c["passed"] for c in shown), "checks": shown, "expected": expected}
