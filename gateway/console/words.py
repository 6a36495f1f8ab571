"""Codes of the log in words, numbers and times as people of a language write them.

Rule of this file: a code without a word is shown as it is, never left out. Times are shown in Hanoi's time.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from config.model import Named
from gateway.console import texts
from gateway.console.facts import Facts
from gateway.zone import VIETNAM

"""Asia/Ho_Chi_Minh: no summer time since 1975."""

_SLUG = re.compile(r"[^a-z0-9]+")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Words:
    """One language's words. `messages`: of `texts.load`."""

    def __init__(self, messages: Mapping[str, Mapping[str, str]], language: str, facts: Facts) -> None:
        self.language, self.facts = language, facts
        self._messages = messages
        self.t: Callable[[str], str] = texts.speaker(messages, language)

    def word(self, group: str, value: str) -> str:
        """The word for a code of a group: `word("operation", "persons.lookup")`."""
        found = self._messages.get(f"{group}_{_SLUG.sub('_', value.lower())}")
        return found[self.language] if found else value

    def has(self, group: str, value: str) -> bool:
        """Whether there is a word for a code."""
        return f"{group}_{_SLUG.sub('_', value.lower())}" in self._messages

    def portal(self, code: str) -> str:
        """`Public-service portal of Cao Bang province (H14)`."""
        return self._with_code(self.facts.portals, code)

    def procedure(self, code: str) -> str:
        """`Registration of permanent residence (1.004222)`."""
        return self._with_code(self.facts.procedures, code)

    def field(self, name: str) -> str:
        """`Full name`."""
        return self._named(self.facts.fields, name)

    def role(self, name: str, procedure: str) -> str:
        """`Applicant`, as the procedure calls this role."""
        found = self.facts.roles.get((procedure, name))
        return self.word("subject_role", name) if found is None else self._spoken(found)

    def count(self, unit: str, n: int) -> str:
        """`1 entry`, `12 entries`."""
        return self.t(f"unit_{unit}_{'one' if n == 1 else 'many'}").format(n=self.number(n))

    def number(self, n: int) -> str:
        """Whole numbers with their thousands apart: 1.234 in Vietnamese, 1,234 in English."""
        text = f"{n:,}"
        return text.replace(",", ".") if self.language == "vi" else text

    def percent(self, part: int, whole: int) -> str:
        """`84 %`; a dash of nothing."""
        return f"{100 * part / whole:.0f}%" if whole else "–"

    def listing(self, items: Iterable[str], *, most: int = 8) -> str:
        """`a, b and c`; of more than `most` the rest is counted."""
        named = list(items)
        if len(named) > most:
            return self.t("and_more").format(items=", ".join(named[:most]), n=self.number(len(named) - most))
        if len(named) < 2:
            return "".join(named)
        return f"{', '.join(named[:-1])} {self.t('and')} {named[-1]}"

    def when(self, at: datetime) -> str:
        """A time within a sentence, to the minute."""
        local = at.astimezone(VIETNAM)
        if self.language == "vi":
            return f"{local:%H:%M} ngày {local:%d/%m/%Y}"
        return f"{local.day} {_MONTHS[local.month - 1]} {local:%Y at %H:%M}"

    def stamp(self, at: datetime) -> str:
        """A time in a table, to the second."""
        local = at.astimezone(VIETNAM)
        return f"{local:%d/%m/%Y %H:%M:%S}" if self.language == "vi" else f"{local:%Y-%m-%d %H:%M:%S}"

    def day(self, at: datetime) -> str:
        """A day."""
        local = at.astimezone(VIETNAM)
        return f"{local:%d/%m/%Y}" if self.language == "vi" else f"{local:%Y-%m-%d}"

    def utc(self, at: datetime) -> str:
        """The same time in UTC, for a title."""
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"

    def span(self, length: timedelta) -> str:
        """How long, in the largest unit that fits: `5 minutes`."""
        seconds = int(length.total_seconds())
        for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if seconds >= size:
                return self.count(unit, seconds // size)
        return self.count("second", max(seconds, 0))

    def _named(self, names: Mapping[str, Named], code: str) -> str:
        found = names.get(code)
        return code if found is None else self._spoken(found)

    def _spoken(self, named: Named) -> str:
        return named.vi if self.language == "vi" else named.en

    def _with_code(self, names: Mapping[str, Named], code: str) -> str:
        return f"{self._named(names, code)} ({code})" if code in names else code
