"""The Prefer header of a request (RFC 7240): whether the caller would rather fetch the answer later.

Rule of this file: a preference is never an error. What is not understood is passed over, as the RFC demands.
"""

import re
from collections.abc import Sequence

RESPOND_ASYNC = "respond-async"
_PLAIN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_WORD = rf"(?:{_PLAIN}|{_QUOTED})"
# section 2: token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )
_PREFERENCE = re.compile(
    rf"[ \t]*(?P<name>{_PLAIN})(?:[ \t]*=[ \t]*(?P<value>{_WORD}))?"
    rf"(?:[ \t]*;(?:[ \t]*{_PLAIN}(?:[ \t]*=[ \t]*{_WORD})?)?)*[ \t]*(?:,|\Z)"
)
_EMPTY = re.compile(r"[ \t]*,")


def respond_async(lines: Sequence[str]) -> bool:
    """Whether one of the header's lines asks for `respond-async`. Names do not know case; `=""` is no value.

    A line is read as far as it follows the grammar.
    """
    return any(_asks(line) for line in lines)


def _asks(line: str) -> bool:
    at = 0
    while at < len(line):
        found = _PREFERENCE.match(line, at)
        if found is None:
            empty = _EMPTY.match(line, at)  # RFC 9110 section 5.6.1: a list may have empty elements
            if empty is None:
                return False
            at = empty.end()
            continue
        if found["name"].lower() == RESPOND_ASYNC and found["value"] in (None, '""'):
            return True
        at = found.end()
    return False
