"""Profiles, options and credentials, refused with the key at fault."""

from typing import Any

import pytest

from adapters.business import build
from adapters.business.profiles import PROFILES, Family, endpoint, profile
from adapters.observe import NullObserver
from adapters.settings import ProfileError
from tests.adapters.business.live import CARD, WSO2, Clock, some_settings


def test_options_replace_values() -> None:
    """An option takes the place of the profile's value of the same name."""
    made = profile("lgsp-token", {"path": "/a/b", "absent_on_404": False, "headers": {"X-Unit": "H14"}})
    assert (made.family, made.path, made.absent_on_404, dict(made.headers)) == (
        Family.LGSP,
        "/a/b",
        False,
        {"X-Unit": "H14"},
    )
    assert PROFILES["lgsp-token"].path != "/a/b"


@pytest.mark.parametrize(
    ("name", "options", "key"),
    [
        ("none", {}, None),
        ("ngsp", {"paths": "/a"}, "paths"),
        ("ngsp", {"path": 1}, "path"),
        ("ngsp", {"path": "a"}, "path"),
        ("ngsp", {"path": "/a?b=c"}, "path"),
        ("ngsp", {"path": "/a\r\nX: y"}, "path"),
        ("ngsp", {"token_path": "//"}, "token_path"),
        ("ngsp", {"parameter": "a&b"}, "parameter"),
        ("ngsp", {"token_url": "ftp://x"}, "token_url"),
        ("ngsp", {"absent_on_404": "yes"}, "absent_on_404"),
        ("ngsp", {"headers": {"Authorization": "x"}}, "headers"),
        ("ngsp", {"headers": {"LgspAccessToken": "x"}}, "headers"),
        ("ngsp", {"headers": {"a b": "x"}}, "headers"),
        ("ngsp", {"headers": {"X-A": "x\r\ny"}}, "headers"),
        ("hcm", {"token_url": "http://x/token"}, "token_url"),
    ],
)
def test_wrong_options(name: str, options: dict[str, Any], key: str | None) -> None:
    """A wrong option is named by its key."""
    with pytest.raises(ProfileError) as caught:
        profile(name, options)
    assert key == caught.value.key


@pytest.mark.parametrize("url", ["", "ftp://x", "http://x/?a=b", "http://", "http://x y/"])
def test_wrong_url(url: str) -> None:
    """A source's URL is http or https and has no query."""
    with pytest.raises(ProfileError) as caught:
        endpoint(url, "/a")
    assert caught.value.key == "url"


def test_endpoint() -> None:
    """A trailing slash of the source's URL makes no difference."""
    assert endpoint("http://x:8280/base/", "/a") == endpoint("http://x:8280/base", "/a") == "http://x:8280/base/a"


@pytest.mark.parametrize(
    ("name", "credentials", "key"),
    [
        ("ngsp", {"consumer_key": "k"}, "consumer_secret"),
        ("ngsp", WSO2 | {"consumer_key": ""}, "consumer_key"),
        ("ngsp", WSO2 | {"access_key": "x"}, "access_key"),
        ("hcm", WSO2, "consumer_key"),
        ("lgsp-token", {name: word for name, word in CARD.items() if name != "partner_code"}, "partner_code"),
        ("ngsp", {}, "consumer_key"),
    ],
)
async def test_wrong_credentials(name: str, credentials: dict[str, str], key: str) -> None:
    """A missing or unused credential is named, never shown."""
    with pytest.raises(ProfileError) as caught:
        build(some_settings(profile=name, credentials=credentials), now=Clock(), observe=NullObserver())
    assert key == caught.value.key
    assert "the-" not in str(caught.value)


async def test_unreadable_authorities() -> None:
    """A `ca_file` that cannot be read is named."""
    with pytest.raises(ProfileError) as caught:
        build(some_settings(options={"ca_file": "/nowhere.pem"}), now=Clock(), observe=NullObserver())
    assert caught.value.key == "ca_file"
