"""What can go wrong with the access log.

    LogError                abstract
      LogUnavailable        the entry is not known to be durable: the call must not go on
        LogBroken           the stored log contradicts what this process knows; only a person can mend that
      Replayed              the one-time id was used before: nothing was written
      KeyFileRefused        a key file is unreadable, open to others, or not what it should be
      ExportRefused         a folder holds something an export must not be written over

Rule of this file: no exception text holds anything of an event.
"""

# ruff: noqa: N818  # the names say what happened; "Error" after each would say it twice


class LogError(Exception):
    """Base of this package's errors; never raised itself."""

    code: str


class LogUnavailable(LogError):
    """The entry could not be made durable. `reason`: full, closed, store, keys, oversized or broken."""

    code = "log_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the access log cannot take an entry: {reason}")
        self.reason = reason


class LogBroken(LogUnavailable):
    """The stored log was rolled back or altered. `detail` says at which index and what was expected."""

    def __init__(self, detail: str) -> None:
        super().__init__("broken")
        self.detail = detail


class Replayed(LogError):
    """The (issuer, jti) pair was claimed before."""

    code = "request_replayed"

    def __init__(self) -> None:
        super().__init__("this one-time id was used before")


class KeyFileRefused(LogError):
    """A key file cannot be used; the sentence names the file and what to do."""

    code = "key_file_refused"


class ExportRefused(LogError):
    """An export cannot be written there. The sentence says what stands in the way; nothing was overwritten."""

    code = "export_refused"
