"""Tests of the words on the pages of this package."""

import re
from pathlib import Path
from typing import get_args

from gateway.console import texts
from gateway.console.accounts import errors
from gateway.console.accounts.rows import Origin
from gateway.console.model import Role
from gateway.console.signin.guard import _EXPLAINED

TEMPLATES = Path(texts.__file__).parents[1] / "templates"
FORBIDDEN = re.compile(r"<script|<style|\bstyle=|\son\w+=|javascript:|\|\s*safe", re.IGNORECASE)


def test_every_text_is_there() -> None:
    """Keys of templates, of every refusal, role and origin: in both languages."""
    messages = texts.load()
    wanted = {f"refused_{code}" for code in get_args(errors.Code)} | {key for _, key in _EXPLAINED.values()}
    wanted |= {f"role_{role}" for role in Role} | {f"origin_{origin}" for origin in Origin}
    wanted |= {f"refused_{word}" for word in ("origin", "token", "form", "code", "password_differs")}
    wanted |= {f"sso_{word}" for word in ("failed", "unreachable", "unmapped", "denied", "state")}
    for folder in ("signin", "accounts"):
        for template in (TEMPLATES / folder).iterdir():
            wanted |= set(re.findall(r't\("(\w+[a-z])"\)', template.read_text("utf-8")))
    assert wanted - set(messages) == set()
    assert all(text.strip() for key in wanted for text in messages[key].values())


def test_nothing_inline() -> None:
    """No script, no style, nothing unescaped: the content security policy of the console allows none of it."""
    for folder in ("signin", "accounts"):
        for template in (TEMPLATES / folder).iterdir():
            assert not FORBIDDEN.search(template.read_text("utf-8")), template.name
            for form in re.findall(r"<form.*?</form>", template.read_text("utf-8"), re.DOTALL):
                assert "token(csrf)" in form, template.name
