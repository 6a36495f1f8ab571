"""The fields of a form. The guard has bounded the body and checked its token before.

Rule of this file: a field is there once or it is empty; nothing is trimmed in a password.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.console.accounts.desk import Wanted
from gateway.console.accounts.errors import AccountRefused
from gateway.console.model import Role

_SEPARATORS = str.maketrans(",;", "  ")


async def fields(request: Request) -> Mapping[str, str]:
    """Field -> value; a field that is there twice is left out."""
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


def wanted(form: Mapping[str, str]) -> Wanted:
    """What an account is to be. Raises AccountRefused for a role there is not."""
    try:
        role = Role(form.get("role", ""))
    except ValueError:
        raise AccountRefused("name_invalid") from None
    portals = tuple(form.get("portals", "").translate(_SEPARATORS).split())
    return Wanted(form.get("name", ""), role, portals, form.get("language", "vi"))


def typed(form: Mapping[str, str], *names: str) -> Mapping[str, Any]:
    """What was typed, to be shown again: never a password or a code."""
    return {name: form.get(name, "") for name in names}
