"""Tests of the changes to portal files."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from gateway.cli.portal_text import NewKey, NotEdited, new_portal, with_end, with_key, with_revocation
from tests.gateway.cli.conftest import PORTAL

AT = datetime(2026, 11, 22, 2, 0, 0, 999, tzinfo=UTC)
WHOLE = AT.replace(microsecond=0)
KEY = NewKey("k1", "ES256", "H14/k1.pem", AT, AT + timedelta(days=1))
OTHER = NewKey("k2", "EdDSA", "H14/k2.pem", AT, AT + timedelta(days=2))


def test_a_key_is_added_at_the_end() -> None:
    """The old text stays as it was, character for character, and the block says what it should."""
    text = with_key(PORTAL, KEY)
    assert text.startswith(PORTAL.rstrip())
    assert tomllib.loads(text)["keys"] == [KEY.members()]
    assert tomllib.loads(text)["keys"][0]["not_before"] == WHOLE


def test_a_revocation_goes_into_the_right_block() -> None:
    """Only the named key gets `revoked_at`; remarks and other blocks stay."""
    text = with_key(with_key(PORTAL, KEY), OTHER).replace('kid = "k1"', "kid = 'k1'  # the first\n# a remark")
    changed = with_revocation(text, "k1", AT)
    keys = tomllib.loads(changed)["keys"]
    assert keys[0]["revoked_at"] == WHOLE
    assert "revoked_at" not in keys[1]
    assert [line for line in changed.splitlines() if "revoked_at" not in line] == text.splitlines()
    assert changed.index("revoked_at") < changed.index("k2")


def test_a_revocation_of_the_last_block_without_line_end() -> None:
    """A file that ends without a newline is changed all the same."""
    changed = with_revocation(with_key(PORTAL, KEY).rstrip(), "k1", AT)
    assert tomllib.loads(changed)["keys"][0]["revoked_at"] == WHOLE


def test_a_trailing_remark_stays_last() -> None:
    """A remark behind the block, perhaps about what follows, is not drawn into it."""
    changed = with_revocation(with_key(PORTAL, KEY) + "\n# the end\n", "k1", AT)
    assert changed.endswith("\n# the end\n")
    assert tomllib.loads(changed)["keys"][0]["revoked_at"] == WHOLE


def test_an_end_is_replaced_with_its_remark_kept() -> None:
    """`not_after` changes in the named block, in every way TOML writes a time."""
    text = with_key(with_key(PORTAL, KEY), OTHER)
    for written in ("2027-01-01T00:00:00Z  # agreed", "2027-01-01 00:00:00+07:00  # agreed"):
        start = text.index("not_after")
        line = text[start : text.index("\n", start)]
        changed = with_end(text.replace(line, f"not_after = {written}", 1), "k1", AT)
        keys = tomllib.loads(changed)["keys"]
        assert keys[0]["not_after"] == WHOLE
        assert keys[1]["not_after"] == WHOLE + timedelta(days=2)
        assert "# agreed" in changed


def test_windows_line_ends_are_kept() -> None:
    """A file with CRLF line ends keeps them."""
    text = with_key(PORTAL, KEY).replace("\n", "\r\n")
    assert with_revocation(text, "k1", AT).count("\r\n") == text.count("\r\n")


@pytest.mark.parametrize(
    "text",
    [
        PORTAL,
        PORTAL + 'keys = [{kid = "k1"}]\n',
        'keys = [{kid = "k1"}]\n' + PORTAL,
        with_key(with_key(PORTAL, KEY), KEY),
        with_revocation(with_key(PORTAL, KEY), "k1", AT),
        "not toml",
        'note = """\n[[keys]]\n"""\n' + with_key(PORTAL, KEY),
    ],
)
def test_what_cannot_be_changed_safely_is_not(text: str) -> None:
    """No such key, keys written inline, a kid twice, a key revoked before, other text: nothing is changed."""
    with pytest.raises(NotEdited):
        with_revocation(text, "k1", AT)


def test_a_key_cannot_follow_inline_keys() -> None:
    """A block behind inline keys would be no TOML, and is not written."""
    with pytest.raises(NotEdited):
        with_key('keys = [{kid = "k0"}]\n' + PORTAL, KEY)


def test_a_new_portal_is_read_back() -> None:
    """Names with quotes, backslashes and control characters come back as given."""
    name = 'Cổng "thử" \\ \x7f \t'
    text = new_portal(
        agency="H15",
        name_vi=name,
        name_en=name,
        sandbox=False,
        procedures=["1.004222"],
        operations=["persons.verify"],
        bases=["law"],
    )
    said = tomllib.loads(text)
    assert (said["name_vi"], said["name_en"], said["sandbox"]) == (name, name, False)
    assert tomllib.loads(with_key(text, KEY))["keys"] == [KEY.members()]
