"""What can go wrong with accounts and sign-ins.

    AccountRefused          a change that is not allowed, or a value that is not; `code` says which
    SignInRefused           name, password or code was wrong: it never says which
    MustWait                too many wrong attempts; `minutes` until the next one is looked at
    SignInBusy              too many passwords are being checked at this moment
    AccountsUnavailable     the file with the accounts cannot be read or written

Rule of this file: no text holds a name, a password or a code; none of them tells whether an account exists.
"""

# ruff: noqa: N818  # the names say what happened; "Error" after each would say it twice

from typing import Literal

Code = Literal[
    "username_invalid",
    "username_taken",
    "name_invalid",
    "portal_invalid",
    "portals_missing",
    "subject_taken",
    "subject_invalid",
    "account_unknown",
    "last_administrator",
    "password_short",
    "password_long",
    "password_common",
    "password_same",
    "no_password",
]


class AccountRefused(Exception):
    """A change of accounts that is not made. `code` is the key of its sentence, `refused_<code>`, in the texts."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


class SignInRefused(Exception):
    """The sign-in failed, for a reason that is not told."""

    def __init__(self) -> None:
        super().__init__("the sign-in failed")


class MustWait(Exception):
    """Too many attempts. `minutes`: whole minutes until the next attempt is looked at, at least 1."""

    def __init__(self, minutes: int) -> None:
        super().__init__("too many attempts")
        self.minutes = minutes


class SignInBusy(Exception):
    """So many passwords wait to be checked that one more would only wait in vain."""

    def __init__(self) -> None:
        super().__init__("too many sign-ins at once")


class AccountsUnavailable(Exception):
    """The accounts cannot be read or written. `reason`: locked, schema or failed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the accounts cannot be used: {reason}")
        self.reason = reason
