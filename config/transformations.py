"""What may be done to a value on its way into a form, as frozen values. Read and checked by `config.mapping`.

Rule of this file: a short, closed list. What is not here is done by nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FORMATS: Mapping[str, tuple[frozenset[str], str]] = MappingProxyType(
    {
        "date_vi": (frozenset({"date"}), "as 22/11/1992; 11/1992 or 1992 where no more is known"),
        "date_compact": (frozenset({"date"}), "as 19921122; nothing where the day is not known"),
        "date_time": (frozenset({"date"}), "as 19921122000000; nothing where the day is not known"),
        "year": (frozenset({"date"}), "its year"),
        "money_grouped": (frozenset({"money"}), "as 1.000.000.000"),
        "digits": (frozenset({"money"}), "the amount in digits"),
        "text": (frozenset(), "as one line of text"),
        "upper": (frozenset(), "as one line of text in capitals"),
    }
)
"""Name of a format -> the kinds it can be used on (none: any), and what it does in words."""


@dataclass(frozen=True, slots=True)
class Translation:
    """Codes of one list in the words of another system, `translations/<name>.toml`.

    `codes`: our code -> the other system's (code, name in Vietnamese, name in English).
    """

    name: str
    code_list: str
    codes: Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One field of a join, or the member of it that is taken."""

    role: str
    field: str
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """When an origin counts: the role is named in the dossier and, with `field`, its code or text is one of `values`.

    `absent`: when the role is not named.
    """

    role: str
    field: str | None = None
    values: tuple[str, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to the value of an origin, in this order: expression or join, codes, format."""

    expression: str | None = None  # JMESPath over the field's value
    join: tuple[Piece, ...] = ()  # the first is the origin itself
    separator: str = " "
    codes: Translation | None = None
    format: str | None = None  # of FORMATS
    when: Condition | None = None


NOTHING = Change()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a profile's `ThongTinChiTiet`: of the `submitter` or the `owner`, the first of `origins` that the
    answer holds whole, or the first of the form fields `form`."""

    to: str
    of: str
    origins: tuple[tuple[str, str | None], ...]  # (field, part)
    form: tuple[str, ...]
    format: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Another shape an answer can be given in, `profiles/<name>.toml`.

    `submitter`, `owner`: roles, the first that is named in the dossier; `kinds`: person, enterprise, taxpayer -> code
    of LoaiDoiTuong; `databases`: source -> MaCSDL, the first that filled a component is named.
    """

    name: str
    submitter: tuple[str, ...]
    owner: tuple[str, ...]
    kinds: Mapping[str, str]
    databases: Mapping[str, str]
    members: tuple[Member, ...]
