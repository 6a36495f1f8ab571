"""What happens to accounts and at the door of the console, as it is handed to the access log.

Rule of this file: words and account names only. No password, code, session, address of a client or subject of an
identity provider is in an occurrence.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.console.model import Account


class Happening(StrEnum):
    """What happened. The first four concern a sign-in, the others change an account."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    LOCKED = "locked"
    ADDED = "added"
    ALTERED = "altered"
    DISABLED = "disabled"
    ENABLED = "enabled"
    RESET = "reset"
    PASSWORD_SET = "password_set"  # noqa: S105 - a word, not a password
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One happening. It takes effect after it was recorded, or not at all.

    `account`: whose account, "" when an unknown name was tried (the name itself is kept nowhere: people type passwords
    into the wrong field); `actor`: who did it, an account name or the name of a command; `who`: the account as it is
    after it, None when there is none; `detail`: words and codes.
    """

    action: Happening
    account: str
    actor: str
    who: Account | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


Record = Callable[[Occurrence], Awaitable[None]]
"""Makes an occurrence durable. Raises `gateway.console.model.DoorClosed`: then nothing takes effect."""
