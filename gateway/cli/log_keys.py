"""The key an auditor brings: the log's public key.

Rule of this file: it only waits with an import until a command needs it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.audit.check import Key


def verifier_key(given: str | None, beside: Path) -> "Key":
    """The key in a text or a file; without either the one in the file `beside`. Raises CannotCheck."""
    from gateway.audit.check.command import log_key

    return log_key(given, beside)
