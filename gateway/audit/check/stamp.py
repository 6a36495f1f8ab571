"""What a time-stamp is over: the few steps from a TimeStampResp (RFC 3161) to its messageImprint, in DER.

    TimeStampResp  = SEQUENCE { status SEQUENCE { INTEGER ... }, timeStampToken }
    timeStampToken = SEQUENCE { id-signedData, [0] SEQUENCE { version, digests, encapContentInfo ... } }
    encapContentInfo = SEQUENCE { id-ct-TSTInfo, [0] OCTET STRING holding TSTInfo }
    TSTInfo        = SEQUENCE { version, policy, messageImprint SEQUENCE { algorithm, OCTET STRING }, serial, time ... }

Rule of this file: definite lengths only (X.690 section 10.1), and ValueError for all that is not there. The signature
of the authority is not verified here.
"""

from dataclasses import dataclass

_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _TAGGED = 0x02, 0x04, 0x06, 0x18, 0x30, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_SHA256 = bytes.fromhex("608648016503040201")
_GRANTED = (b"\x00", b"\x01")

_Element = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time-stamp states. `imprint`: SHA-256 of what was stamped; `at`: its time, `20261124180000Z`."""

    imprint: bytes
    at: str


def read_stamp(der: bytes) -> Stamp:
    """What the time-stamp in a TimeStampResp states. ValueError when it is none, or one over another hash."""
    try:
        return _stamp(der)
    except (IndexError, UnicodeDecodeError):
        raise ValueError("not a time-stamp (RFC 3161)") from None


def _stamp(der: bytes) -> Stamp:
    answer = _inside(_only(der), _SEQUENCE)
    if _inside(answer[0], _SEQUENCE)[0] not in [(_INTEGER, status) for status in _GRANTED]:
        raise ValueError("a time-stamp that was not granted")
    signed = _inside(_typed(answer[1], _SIGNED_DATA), _SEQUENCE)
    parts = _inside(_only(_value(_typed(signed[2], _TST_INFO), _OCTETS)), _SEQUENCE)
    algorithm, imprint = _inside(parts[2], _SEQUENCE)[:2]
    if _value(_inside(algorithm, _SEQUENCE)[0], _OID) != _SHA256:
        raise ValueError("a time-stamp over another hash than SHA-256")
    return Stamp(_value(imprint, _OCTETS), _value(parts[4], _TIME).decode("ascii"))


def _typed(element: _Element, kind: bytes) -> _Element:
    """What a SEQUENCE of a type and its [0] value holds."""
    said, content = _inside(element, _SEQUENCE)[:2]
    if _value(said, _OID) != kind:
        raise IndexError
    return _inside(content, _TAGGED)[0]


def _only(data: bytes) -> _Element:
    found = _elements(data)
    if len(found) != 1:
        raise IndexError
    return found[0]


def _inside(element: _Element, tag: int) -> list[_Element]:
    return _elements(_value(element, tag))


def _value(element: _Element, tag: int) -> bytes:
    if element[0] != tag:
        raise IndexError
    return element[1]


def _elements(data: bytes) -> list[_Element]:
    """The elements that stand one behind the other in `data`. IndexError when they do not fill it exactly."""
    found, at = list[_Element](), 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            wide = length & 0x7F
            if not 1 <= wide <= 4:
                raise IndexError
            length, at = int.from_bytes(data[at : at + wide], "big"), at + wide
        if at + length > len(data):
            raise IndexError
        found.append((tag, data[at : at + length]))
        at += length
    return found
