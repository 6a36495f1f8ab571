"""The `add-checkpoint` call of C2SP tlog-witness: its request and its answers.

    old <size>                    the tree the witness cosigned last, as far as we know
    <base64 of a hash>            consistency proof from there; none from zero or for equal sizes
    (an empty line)
    <the signed checkpoint>

Rule of this file: pure. An answer is a cosignature that holds, a size to start from instead, or `EndpointFailed`.
"""

import re
from dataclasses import dataclass

from gateway.audit.published import Extension
from gateway.publish.exchange import Reply
from gateway.publish.state import EndpointFailed, Problem
from signing.cosignatures import WitnessKey, find_cosignature
from signing.encoding import base64_standard
from signing.errors import NoteMalformed, NoteUntrusted

REQUEST_TYPE = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_LATEST_TIME = 253_402_300_799
"""9999-12-31T23:59:59Z: later is no time of a clock, and would not fit the store's microseconds."""

_STATUS = {
    403: Problem.KEY_NOT_TRUSTED,
    404: Problem.UNKNOWN_LOG,
    422: Problem.INCONSISTENT,  # our proof was verified before it was sent: it is the trees that differ
}


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The witness's line, without its newline, and the time it states, in whole seconds since 1970."""

    line: str
    time: int


@dataclass(frozen=True, slots=True)
class Stands:
    """The tree the witness cosigned last has another `size` than we said."""

    size: int


def request(extension: Extension) -> bytes:
    """The body of the call."""
    lines = [f"old {extension.old_size}", *(base64_standard(one) for one in extension.hashes), ""]
    return ("".join(f"{line}\n" for line in lines) + extension.note).encode()


def read(reply: Reply, sent: Extension, key: WitnessKey) -> Cosigned | Stands:
    """What the witness answered to `sent`.

    Raises `EndpointFailed`: untrusted (a cosignature that does not hold, or none by `key`), inconsistent, unknown_log,
    key_not_trusted, refused, malformed.
    """
    if reply.status == 200:
        return _cosigned(reply.body, sent, key)
    if reply.status == 409:
        return _stands(reply, sent)
    raise EndpointFailed(_STATUS.get(reply.status, Problem.REFUSED))


def _cosigned(body: bytes, sent: Extension, key: WitnessKey) -> Cosigned:
    try:
        line, time = find_cosignature(body.decode(), sent.checkpoint.body(), key)
    except (UnicodeDecodeError, NoteMalformed):
        raise EndpointFailed(Problem.MALFORMED) from None
    except NoteUntrusted:
        raise EndpointFailed(Problem.UNTRUSTED) from None
    if time > _LATEST_TIME:
        raise EndpointFailed(Problem.UNTRUSTED)
    return Cosigned(line, time)


def _stands(reply: Reply, sent: Extension) -> Stands:
    found = _SIZE.fullmatch(reply.body) if reply.content_type == SIZE_TYPE else None
    size = None if found is None else int(found[1])
    # the same status says that the witness has another root for the very tree we sent
    if sent.old_size == sent.checkpoint.size and size in (None, sent.old_size):
        raise EndpointFailed(Problem.INCONSISTENT)
    if size is None or size == sent.old_size:
        raise EndpointFailed(Problem.MALFORMED)
    return Stands(size)
