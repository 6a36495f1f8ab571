"""The time people in Vietnam read: UTC+7, without summer time since 1975."""

from datetime import timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
