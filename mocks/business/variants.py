"""How the mock's answers look: every variation met in front of the real registry, alone or combined."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Shape(StrEnum):
    """The envelope around an enterprise."""

    NGSP = "ngsp"  # {"Status", "Message", "DataCount", "Data"}
    MOIT = "moit"  # the same inside {"affectedRows", "message", "data"}
    GETENTCERT = "getentcert"  # {"GetEntCert": [...]}, no status
    FLAT = "flat"  # {"StatusCode", "Status", "ResultObject"}; the only one of Ho Chi Minh City's path


class Absent(StrEnum):
    """How the registry says that it knows no such enterprise."""

    STATUS = "status"  # Status "0" and a message
    COUNT = "count"  # success, DataCount 0, no data
    EMPTY = "empty"  # success, no count, an empty Data
    NOT_FOUND = "not_found"  # HTTP 404 with the answer of `status`


class Dates(StrEnum):
    """How a day is written."""

    SLASHES = "slashes"  # 15/07/2010
    DIGITS = "digits"  # 15072010


class Blocks(StrEnum):
    """How repeated blocks are written."""

    ARRAYS = "arrays"
    SINGLE_OBJECTS = "single_objects"  # one row is that row: the habit of XML-to-JSON converters


class Empty(StrEnum):
    """How a member without a value is written."""

    NULL = "null"
    TEXT = "text"  # ""
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class Variant:
    """One look of the answers. `status_text`, `numbers_text`: whether these come as strings, else as
    numbers.

    `capitals`: names of firms and people in capital letters.
    """

    shape: Shape = Shape.NGSP
    absent: Absent = Absent.STATUS
    dates: Dates = Dates.SLASHES
    blocks: Blocks = Blocks.ARRAYS
    empty: Empty = Empty.NULL
    status_text: bool = True
    numbers_text: bool = False
    capitals: bool = False


PRESETS: Mapping[str, Variant] = MappingProxyType(
    {
        "ngsp": Variant(),
        "lgsp": Variant(
            absent=Absent.NOT_FOUND,
            dates=Dates.DIGITS,
            blocks=Blocks.SINGLE_OBJECTS,
            empty=Empty.OMITTED,
            status_text=False,
            numbers_text=True,
        ),
        "moit": Variant(shape=Shape.MOIT, absent=Absent.COUNT, status_text=False),
        "getentcert": Variant(shape=Shape.GETENTCERT, absent=Absent.EMPTY, empty=Empty.TEXT),
        "hcm": Variant(shape=Shape.FLAT, absent=Absent.EMPTY, capitals=True),
    }
)
