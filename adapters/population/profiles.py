"""What differs between installations of the population service when they are asked.

Rule of this file: a profile decides how a question is written and authenticated, nothing about answers: every
answer shape is accepted under every profile.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.settings import AdapterSettings, Option, ProfileError, credentials, options


class Folding(StrEnum):
    """How a name is written in a question."""

    ASCII = "upper-ascii"  # NGUYEN THI MAU
    ASCII_JOINED = "upper-ascii-nospace"  # NGUYENTHIMAU
    UPPER = "upper"  # NGUYỄN THỊ MẪU


class TimestampUnit(StrEnum):
    """The unit of the `Timestamp` header: epoch milliseconds or seconds."""

    MILLISECONDS = "ms"
    SECONDS = "s"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The gateway's account at the service. `api_key` and `xroad_client` are sent as headers when given."""

    username: str
    secret: str = field(repr=False)
    api_key: str | None = field(repr=False)
    xroad_client: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """One way of asking."""

    folding: Folding
    unit: TimestampUnit
    auth_url: str  # goes into the hash; may differ from the address that is called
    prefix: str  # of the request namespace
    service_code: str | None  # MaDVC where no procedure has its own
    service_codes: Mapping[str, str]  # procedure -> MaDVC
    officer_accounts: Mapping[str, str]  # officer, or agency/officer -> account there; empty: sent as is
    check_officer: str  # MaCanBo of the connection check
    extra: Mapping[str, str]  # MaDonVi, TaiKhoan, SoDienThoai, of the newer request
    ca_file: str | None


@dataclass(frozen=True, slots=True)
class _Preset:
    folding: Folding
    needs: tuple[str, ...] = ()  # credentials beyond user name and secret


PRESETS: Mapping[str, _Preset] = {
    "c06": _Preset(Folding.ASCII),
    "c06-nospace": _Preset(Folding.ASCII_JOINED),
    "c06-upper": _Preset(Folding.UPPER),
    "ndxp-xroad": _Preset(Folding.ASCII, needs=("api_key", "xroad_client")),
}

OPTIONS: Mapping[str, Option] = {
    "name_folding": Option(str, None, tuple(Folding)),
    "timestamp_unit": Option(str, TimestampUnit.MILLISECONDS, tuple(TimestampUnit)),
    "auth_url": Option(str),
    "request_prefix": Option(str, "dan", ("dan", "qldc")),
    "service_code": Option(str),
    "service_codes": Option(dict, {}),
    "officer_accounts": Option(dict, {}),
    "check_officer": Option(str),
    "unit": Option(str),
    "account": Option(str),
    "phone": Option(str),
    "ca_file": Option(str),
}


def profile(settings: AdapterSettings) -> tuple[Profile, Credentials]:
    """The profile and the account the settings describe.

    Raises `ProfileError` naming the option or credential at fault, or with key None for an unknown profile.
    """
    if settings.profile not in PRESETS:
        known = ", ".join(sorted(PRESETS))
        raise ProfileError(f"the population adapter has no profile {settings.profile}; known are {known}")
    preset = PRESETS[settings.profile]
    given = options(settings.options, OPTIONS)
    if given["service_code"] is None and not given["service_codes"]:
        raise ProfileError(
            "service_code, or a table service_codes, is needed: the service refuses calls without a MaDVC",
            key="service_code",
        )
    optional = {"api_key", "xroad_client"} - set(preset.needs)
    account = credentials(
        settings.credentials, required=("username", "secret", *preset.needs), optional=sorted(optional)
    )
    username = account["username"] or ""
    extra = {"MaDonVi": given["unit"], "TaiKhoan": given["account"], "SoDienThoai": given["phone"]}
    return (
        Profile(
            folding=Folding(given["name_folding"] or preset.folding),
            unit=TimestampUnit(given["timestamp_unit"]),
            auth_url=given["auth_url"] or settings.url,
            prefix=given["request_prefix"],
            service_code=given["service_code"],
            service_codes=given["service_codes"],
            officer_accounts=given["officer_accounts"],
            check_officer=given["check_officer"] or username,
            extra={element: text for element, text in extra.items() if text is not None},
            ca_file=given["ca_file"],
        ),
        Credentials(username, account["secret"] or "", account["api_key"], account["xroad_client"]),
    )


def folded(name: str, folding: Folding) -> str:
    """A name as the service compares it: upper case, single spaces, and by `folding` no marks and no spaces."""
    upper = " ".join(unicodedata.normalize("NFC", name).split()).upper()
    if folding is Folding.UPPER:
        return upper
    # Đ is a letter of its own in Unicode, not a D with a mark
    marks = unicodedata.normalize("NFD", upper.replace("Đ", "D"))
    plain = "".join(character for character in marks if unicodedata.category(character) != "Mn")
    return plain.replace(" ", "") if folding is Folding.ASCII_JOINED else plain
