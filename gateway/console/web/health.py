"""How the log and the index fare, as far as the console can see: size, newest checkpoint, who vouches, what is wrong.

Rule of this file: reads only. That nobody has signed yet is no error, and is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.console.outside import Endpoint
from gateway.console.web import standing
from gateway.console.web.bench import Tools
from gateway.console.web.standing import Voucher


@dataclass(frozen=True, slots=True)
class Health:
    """`size`: entries under the newest checkpoint; `at`: when it was signed, None for an empty log; `behind`: entries
    the index has not read."""

    size: int
    at: datetime | None
    vouchers: Sequence[Voucher]
    behind: int

    def of(self, kind: str) -> Sequence[Voucher]:
        """The witnesses, or the authorities."""
        return [one for one in self.vouchers if one.kind == kind]


def health(tools: Tools, endpoints: Sequence[Endpoint] | None) -> Health:
    """The state now. `endpoints`: what the gateway says, None when it cannot be asked.

    Raises LogUnavailable, LogBroken, StoreUnavailable, sqlite3.OperationalError.
    """
    note = tools.reader.newest_note()
    if note is None:
        return Health(0, None, (), 0)
    size = tools.published.newest()[1].size
    vouchers = standing.vouchers(tools.reader, endpoints, size)
    return Health(size, standing.moment(note.at_us), vouchers, tools.index.behind())
