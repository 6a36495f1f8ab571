"""The keys an auditor brings: the log's public key, and the key epoch.

Rule of this file: what cannot be used is CannotCheck with a sentence, never a verdict about the log.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.audit.check import EpochKeys, Key


def verifier_key(given: str | None, beside: Path) -> "Key":
    """The key in a text or a file; without either the one in the file `beside`. Raises CannotCheck."""
    from gateway.audit.check import CannotCheck, parse_key

    file = beside if given is None else Path(given)
    try:
        text = file.read_text(encoding="utf-8") if given is None or file.is_file() else given
        return parse_key(text)
    except OSError:
        raise CannotCheck(f"{file}: no public key there; give it with --public-key") from None
    except ValueError as error:
        raise CannotCheck(f"the public key is not usable: {error}") from None


def epoch_keys(file: Path | None) -> "EpochKeys | None":
    """The keys in a key epoch file, None without one. Raises CannotCheck."""
    from gateway.audit.check import CannotCheck, read_epoch

    try:
        return None if file is None else read_epoch(file.read_bytes())
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise CannotCheck(f"{file}: {what}") from None
