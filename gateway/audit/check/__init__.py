"""The auditor's checker: is this log whole, unaltered and signed, from nothing but the store and the public key?

Rule of this package: it shares no code with the writer and imports none of our packages, only the standard library and
`cryptography`. A mistake in the writer is then not repeated here. It reads, it never writes, and its memory does not
grow with the log.

    note      signed notes and checkpoints (C2SP)
    tree      hashes of the tree and its tiles (RFC 9162, C2SP)
    envelope  what an entry's bytes say, and what a key epoch file proves about them
    store     the walk over a SQLite store, numbered
"""

from gateway.audit.check.envelope import EpochKeys, read_epoch
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint, parse_key
from gateway.audit.check.store import Report, check

__all__ = [
    "CannotCheck",
    "Checkpoint",
    "EpochKeys",
    "Key",
    "Report",
    "Violation",
    "check",
    "open_checkpoint",
    "parse_key",
    "read_epoch",
]
