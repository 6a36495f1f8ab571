"""The auditor's checker: is this log whole, unaltered and signed, from nothing but the log and its public key?

Rule of this package: it shares no code with the writer and imports none of our packages, only the standard library and
`cryptography`. A mistake in the writer is then not repeated here. It reads, it never writes, and its memory does not
grow with the log.

    note          signed notes, checkpoints and cosignatures (C2SP)
    stamp         what a time-stamp is over (RFC 3161)
    attestations  what witnesses and time-stamping authorities signed over checkpoints
    tree          hashes of the tree and its tiles (RFC 9162, C2SP)
    keys          key epoch files
    envelope      what an entry's bytes say, and what its keys open
    epochs        key epochs as the log tells of them: announced, used, erased
    entries       what is checked about each entry, wherever it lies
    store         the walk over a SQLite store, numbered
    export        the walk over an export, numbered
    proof         one inclusion proof (C2SP)
    command       a check as a command: what is brought, what is printed, the exit code
    bundle        this package as a single file
"""

from gateway.audit.check.attestations import Cosigned, Stamped
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.export import check_export
from gateway.audit.check.keys import EpochKeys, read_epoch, read_keys
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint, parse_key, parse_witness
from gateway.audit.check.proof import Proof, check_leaf, open_proof
from gateway.audit.check.report import Report
from gateway.audit.check.store import check

__all__ = [
    "CannotCheck",
    "Checkpoint",
    "Cosigned",
    "EpochKeys",
    "Key",
    "Proof",
    "Report",
    "Stamped",
    "Violation",
    "check",
    "check_export",
    "check_leaf",
    "open_checkpoint",
    "open_proof",
    "parse_key",
    "parse_witness",
    "read_epoch",
    "read_keys",
]
