"""Strict JSON: what `json` lets pass and a public interface must not.

Refused, each with a JSON Pointer to the member: duplicate member names, NaN and Infinity, nesting deeper than 16,
strings over 4,096 characters, arrays over 1,000 items, objects over 256 members, lone surrogates, control characters.
"""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from gateway.errors import Code, Flaw, refused

MAX_DEPTH = 16
MAX_STRING = 4096
MAX_ITEMS = 1000
MAX_MEMBERS = 256
MAX_NAME = 128
_ALLOWED_CONTROLS = frozenset("\t\n\r")


class _Doubled(dict[str, Any]):
    """An object in which a member name came twice."""

    twice: str = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    seen: set[str] = set()
    marked = _Doubled(plain)
    for name, _ in pairs:
        if name in seen:
            marked.twice = name
            break
        seen.add(name)
    return marked


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def step(pointer: str, part: str | int) -> str:
    """One token deeper into a JSON Pointer (RFC 6901 section 3 escaping)."""
    return f"{pointer}/{str(part).replace('~', '~0').replace('/', '~1')}"


def parse(body: bytes, *, long: str | None = None) -> dict[str, Any]:
    """The JSON object in `body`. `long`: a member of it whose text may be of any length, for it is encoded bytes.

    Raises `Refused(body_malformed)` with one flaw naming the place, or the line and column of a syntax error.
    """
    try:
        document = json.loads(body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise _malformed("", f"The body is not UTF-8: byte {error.start}.") from None
    except json.JSONDecodeError as error:
        raise _malformed("", f"Not JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _malformed("", f"Nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError:
        raise _malformed("", "NaN, Infinity and numbers of thousands of digits are not JSON here.") from None
    if not isinstance(document, dict):
        raise _malformed("", "The body must be a JSON object.")
    looked_at: dict[str, Any] = document
    if long is not None and _encoded(document.get(long)):
        looked_at = {**document, long: ""}
        if isinstance(document, _Doubled):
            marked = looked_at = _Doubled(looked_at)
            marked.twice = document.twice
    for flaw in _flaws(looked_at):
        raise refused(Code.BODY_MALFORMED, flaws=(flaw,))
    return document


def _encoded(member: Any) -> bool:
    return isinstance(member, str) and member.isascii() and member.isprintable()


def _malformed(pointer: str, detail: str) -> Exception:
    return refused(Code.BODY_MALFORMED, detail, flaws=(Flaw(pointer, Code.BODY_MALFORMED, detail),))


def _flaws(document: Any) -> Iterator[Flaw]:
    stack: list[tuple[str, Any, int]] = [("", document, 1)]
    while stack:
        pointer, value, depth = stack.pop()
        complaint = _complaint(value, depth)
        if complaint and isinstance(value, _Doubled) and value.twice:
            pointer = step(pointer, value.twice[:MAX_NAME])
        if complaint:
            yield Flaw(pointer, Code.BODY_MALFORMED, complaint)
            return
        if isinstance(value, dict):
            for name, member in value.items():
                if len(name) > MAX_NAME:
                    yield Flaw(pointer, Code.BODY_MALFORMED, f"A member name is longer than {MAX_NAME} characters.")
                    return
                if _bad_text(name):
                    yield Flaw(pointer, Code.BODY_MALFORMED, "A member name holds characters that are not text.")
                    return
                stack.append((step(pointer, name), member, depth + 1))
        elif isinstance(value, list):
            stack.extend((step(pointer, n), item, depth + 1) for n, item in enumerate(value))


def _complaint(value: Any, depth: int) -> str | None:
    if isinstance(value, _Doubled):
        return "This member appears twice."
    if isinstance(value, dict):
        if depth > MAX_DEPTH:
            return f"Nested deeper than {MAX_DEPTH} levels."
        return f"More than {MAX_MEMBERS} members." if len(value) > MAX_MEMBERS else None
    if isinstance(value, list):
        if depth > MAX_DEPTH:
            return f"Nested deeper than {MAX_DEPTH} levels."
        return f"More than {MAX_ITEMS} items." if len(value) > MAX_ITEMS else None
    if isinstance(value, str):
        if len(value) > MAX_STRING:
            return f"Longer than {MAX_STRING} characters."
        return "Holds control characters or half a surrogate pair." if _bad_text(value) else None
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "The number is too large."
    return None


def _bad_text(text: str) -> bool:
    return any(
        (c < " " and c not in _ALLOWED_CONTROLS)
        or "\ud800" <= c <= "\udfff"
        or c == "\x7f"
        or ord(c) & 0xFFFE == 0xFFFE  # noncharacters, which no XML can carry
        for c in text
    )
