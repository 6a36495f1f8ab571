"""What a check found to be right.

Rule of this file: values only.
"""

from dataclasses import dataclass

from gateway.audit.check.attestations import Cosigned, Stamped
from gateway.audit.check.note import Checkpoint


@dataclass(frozen=True, slots=True)
class Report:
    """`entries` of them are right, from the index `first` on, under the checkpoint `newest`.

    Of their contents `clear` stand in clear, `opened` were opened with the keys given, `sealed` are sealed under keys
    that were not, and the keys of `erased` were destroyed, as the log itself says.
    """

    entries: int
    checkpoints: int
    tiles: int
    opened: int
    newest: Checkpoint
    remarks: tuple[str, ...]
    first: int = 0
    clear: int = 0
    sealed: int = 0
    erased: int = 0
    witnesses: tuple[Cosigned, ...] = ()
    stamps: tuple[Stamped, ...] = ()
