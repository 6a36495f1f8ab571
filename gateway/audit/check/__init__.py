"""The auditor's checker: is this log whole, unaltered and signed, from nothing but the log and its public key?

Rule of this package: it shares no code with the writer and imports none of our packages, only the standard library and
`cryptography`. A mistake in the writer is then not repeated here. It reads, it never writes, and its memory does not
grow with the log.

    note      signed notes and checkpoints (C2SP)
    tree      hashes of the tree and its tiles (RFC 9162, C2SP)
    envelope  what an entry's bytes say, and what a key epoch file proves about them
    entries   what is checked about each entry, wherever it lies
    store     the walk over a SQLite store, numbered
    export    the walk over an export, numbered
    proof     one inclusion proof (C2SP)
"""

from gateway.audit.check.envelope import EpochKeys, read_epoch
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.export import check_export
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint, parse_key
from gateway.audit.check.proof import Proof, check_leaf, open_proof
from gateway.audit.check.store import Report, check

__all__ = [
    "CannotCheck",
    "Checkpoint",
    "EpochKeys",
    "Key",
    "Proof",
    "Report",
    "Violation",
    "check",
    "check_export",
    "check_leaf",
    "open_checkpoint",
    "open_proof",
    "parse_key",
    "read_epoch",
]
