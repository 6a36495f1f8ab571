"""What can go wrong with the vault."""

# ruff: noqa: N818  # the names say what happened


class VaultUnavailable(Exception):
    """The store cannot be read or written now. Whether a write was kept is not known. `reason` is a short word."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the vault is unavailable: {reason}")
        self.reason = reason


class VaultUnreadable(Exception):
    """A row cannot be opened: it was altered, or sealed under another key."""

    def __init__(self) -> None:
        super().__init__("a row of the vault cannot be opened")
