"""JSON on the wire, with amounts printed digit by digit.

Rule of this file: the standard library cannot print a `Decimal` as a number; everything else is its work.
"""

import json
from decimal import Decimal

Json = None | bool | int | str | Decimal | list["Json"] | dict[str, "Json"]


def printed(value: Json) -> str:
    """`value` as JSON text, no spaces, not escaped beyond need, `Decimal` as a plain number with all its digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ",".join(printed(item) for item in value) + "]"
    if isinstance(value, dict):
        members = (f"{json.dumps(name, ensure_ascii=False)}:{printed(member)}" for name, member in value.items())
        return "{" + ",".join(members) + "}"
    return json.dumps(value, ensure_ascii=False)
