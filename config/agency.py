"""Agency identification codes: two ways of writing, one canonical form.

    H14          Decision 20/2020/QĐ-TTg: a ministry or province ...
    H14.12.5     ... then its units, from the larger to the smaller
    000.05.12.H14  the older form (QCVN 102:2016/BTTTT), the same units from the smaller to the larger

Rule of this file: one agency has exactly one canonical text, because keys, grants and the access log are kept under
it.
"""

import re

_CURRENT = re.compile(r"[A-Z]\d{2}(?:\.\d{1,3}){0,3}")
_OLDER = re.compile(r"(\d{3})\.(\d{2})\.(\d{2})\.([A-Z]\d{2})")


def canonical(code: str) -> str:
    """The canonical form of an agency code: `H14`, `H14.12`, `H14.12.5`.

    Leading zeros of a unit are dropped, as are the zero groups of the older form (`000.00.12.H14` is `H14.12`). Does
    not check that such an agency exists. Raises ValueError, with a sentence, for anything else, also for an older
    code whose zero group stands between two units: dropping it would give two agencies the same code.
    """
    if not code.isascii():
        raise ValueError("An agency code holds ASCII letters, digits and dots only.")
    if older := _OLDER.fullmatch(code):
        smallest, middle, largest, owner = older.groups()
        units = [int(group) for group in (largest, middle, smallest)]
        while units and units[-1] == 0:
            units.pop()
    elif _CURRENT.fullmatch(code):
        owner, *groups = code.split(".")
        units = [int(group) for group in groups]
    else:
        raise ValueError("An agency code looks like H14, H14.12 or 000.00.12.H14.")
    if 0 in units:
        raise ValueError("An agency code has no unit 0 between or after its units.")
    return ".".join([owner, *(str(unit) for unit in units)])
