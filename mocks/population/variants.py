"""The shapes in which the population service is known to answer, each a member of `Variant`, with named presets.

Rule of this file: a member is a difference seen in a client of the live service or in QCVN 109:2017/BTTTT; the record
behind the answer is the same in all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Shape(StrEnum):
    """Dates, codes and addresses."""

    LIVE = "live"  # yyyymmdd, plain codes, MaTinhThanh/MaQuanHuyen/MaPhuongXa
    QCVN109 = "qcvn109"  # YYYY-MM-DD, MaDanToc/MaTonGiao, MaDonViHanhChinh, attributes on the collection


class Names(StrEnum):
    """The citizen's name and, unless they are plain, the relatives'."""

    WHOLE = "whole"  # all of it in Ten, Ho and ChuDem empty
    PARTS = "parts"  # Ho, ChuDem, Ten; a name the register never split stays whole


class Relatives(StrEnum):
    """How relatives' names are written."""

    SAME = "same"  # like the citizen's
    PLAIN = "plain"  # HoVaTen is text


class Absent(StrEnum):
    """What comes when there is no such citizen."""

    EMPTY_COLLECTION = "empty_collection"
    NO_COLLECTION = "no_collection"  # a response element without a collection
    EMPTY_BODY = "empty_body"  # an empty SOAP body


class Verify(StrEnum):
    """How the yes or no of XacThucThongTinCongDan is written."""

    COUNT = "count"  # XacThucThongTinCongDanResponse/SoLuongCongDan
    EXISTS = "exists"  # KetQuaXacThuc/TonTai
    JSON = "json"  # {"data": true}


class Refusal(StrEnum):
    """How wrong credentials are answered."""

    HTTP_401 = "http_401"
    SOAP_FAULT = "soap_fault"


class Fold(StrEnum):
    """How a name must be written in a request to be found."""

    UPPER_ASCII = "upper_ascii"  # NGUYEN VAN A
    NO_SPACES = "no_spaces"  # NGUYENVANA
    UPPER = "upper"  # NGUYỄN VĂN A


class Stamp(StrEnum):
    """The unit of the Timestamp header."""

    MILLISECONDS = "ms"
    SECONDS = "s"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way the service may answer."""

    shape: Shape = Shape.LIVE
    names: Names = Names.WHOLE
    relatives: Relatives = Relatives.SAME
    capitals: bool = True  # names in the answer are in capitals
    district: bool = True  # MaQuanHuyen is there, empty, where an address has no district; else it is left out
    absent: Absent = Absent.EMPTY_COLLECTION
    verify: Verify = Verify.COUNT
    refusal: Refusal = Refusal.HTTP_401
    fold: Fold = Fold.UPPER_ASCII
    stamp: Stamp = Stamp.MILLISECONDS
    xroad: bool = False  # X-Road-Client and ApiKey are demanded


PRESETS: Mapping[str, Variant] = MappingProxyType(
    {
        "live": Variant(),
        "live-parts": Variant(names=Names.PARTS, capitals=False),
        "live-plain": Variant(relatives=Relatives.PLAIN),
        "live-no-district": Variant(district=False),
        "live-no-collection": Variant(absent=Absent.NO_COLLECTION, verify=Verify.EXISTS),
        "live-empty-body": Variant(absent=Absent.EMPTY_BODY, verify=Verify.JSON),
        "no-spaces": Variant(fold=Fold.NO_SPACES),
        "upper": Variant(fold=Fold.UPPER, stamp=Stamp.SECONDS),
        "ndxp-xroad": Variant(xroad=True, refusal=Refusal.SOAP_FAULT),
        "qcvn109": Variant(shape=Shape.QCVN109, names=Names.PARTS, capitals=False),
    }
)
