"""Where the registry stands behind a platform, and how that platform wants to be called.

Rule of this file: a profile chooses the way in (authentication family, address, extra headers), never the
shape of an answer: every profile reads every shape. Each value of a profile can be replaced by an option of
the same name.

| profile      | family | call                                                          |
|--------------|--------|---------------------------------------------------------------|
| `ngsp`       | wso2   | the national platform's own path                               |
| `lgsp-wso2`  | wso2   | the same service republished by a province                     |
| `lgsp-token` | lgsp   | the same behind the `lgspaccesstoken` header                    |
| `hcm`        | plain  | Ho Chi Minh City's look-up, credentials in each call, no token |
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from adapters.settings import Option, ProfileError, options

_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_URL = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]*)?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 section 5.6.2, token
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# What the adapter itself sends: an option must not replace credentials or framing.
_OURS = frozenset(
    {
        "accept",
        "accept-charset",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "lgspaccesstoken",
        "transfer-encoding",
        "user-agent",
    }
)


class Family(StrEnum):
    """How a platform knows its callers."""

    WSO2 = "wso2"  # client credentials by HTTP Basic -> Bearer token
    LGSP = "lgsp"  # `lgspaccesstoken` header -> Bearer token; the header also on every call
    PLAIN = "plain"  # the same JSON, base64, as the whole `Authorization` of each call


@dataclass(frozen=True, slots=True)
class Profile:
    """One way in. `path` and `token_path` are below the source's URL; `token_url` wins over `token_path`.

    `absent_on_404`: HTTP 404 with a JSON body that says so means "no such enterprise"; otherwise it is a
    garbled answer. `ca_file`: PEM file of the only authorities to trust.
    """

    name: str
    family: Family
    path: str
    parameter: str
    token_path: str = "/token"  # noqa: S105  # an address
    token_url: str | None = None
    absent_on_404: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str | None = None


_NGSP = Profile("ngsp", Family.WSO2, "/apiCSDLDKDN/1.0/chiTietDoanhNghiep", "msdn")
PROFILES: Mapping[str, Profile] = {
    one.name: one
    for one in (
        _NGSP,
        replace(_NGSP, name="lgsp-wso2", path="/apiCSDLDKDN/chiTietDoanhNghiep", absent_on_404=True),
        replace(_NGSP, name="lgsp-token", family=Family.LGSP, absent_on_404=True),
        Profile("hcm", Family.PLAIN, "/TraCuuThongTinDoanhNghiep", "MaSoDoanhNghiep"),
    )
}


def profile(name: str, given: Mapping[str, Any]) -> Profile:
    """The named profile with an operator's options in place of its own values.

    Raises:
        ProfileError: unknown profile (key None), or an option that is unknown or wrong (its key).
    """
    if name not in PROFILES:
        raise ProfileError(f"there is no business profile {name}; known are {', '.join(sorted(PROFILES))}")
    start = PROFILES[name]
    known = {
        "path": Option(str, start.path),
        "parameter": Option(str, start.parameter),
        "token_path": Option(str, start.token_path),
        "token_url": Option(str, start.token_url),
        "absent_on_404": Option(bool, start.absent_on_404),
        "headers": Option(dict, start.headers),
        "ca_file": Option(str, start.ca_file),
    }
    made = replace(start, **options(given, known))
    _check(made, frozenset(given))
    return made


def endpoint(base: str, path: str) -> str:
    """The address of `path` below the source's URL.

    Raises:
        ProfileError: key `url`, when `base` is not an http or https URL without a query.
    """
    if not _URL.fullmatch(base):
        raise ProfileError("url must be an http or https address without a query", key="url")
    return base.rstrip("/") + path


def _check(made: Profile, given: frozenset[str]) -> None:
    for key in ("path", "token_path"):
        if not _PATH.fullmatch(getattr(made, key)):
            raise ProfileError(f"{key} must be a path such as /service/operation", key=key)
    if not _PARAMETER.fullmatch(made.parameter):
        raise ProfileError("parameter must be a name of letters, digits and underscores", key="parameter")
    if made.token_url is not None and not _URL.fullmatch(made.token_url):
        raise ProfileError("token_url must be an http or https address without a query", key="token_url")
    if made.family is Family.PLAIN and (unused := given & {"token_path", "token_url"}):
        raise ProfileError("this profile asks for no token", key=min(unused))
    for name, value in made.headers.items():
        if not _HEADER.fullmatch(name) or name.lower() in _OURS:
            raise ProfileError("headers holds a name that is no header or is not the operator's", key="headers")
        if not _HEADER_VALUE.fullmatch(value):
            raise ProfileError("headers holds a value that is not plain printable ASCII", key="headers")
