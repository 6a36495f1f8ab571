"""The checker on its own: `python3 verify-log.pyz STORE`, or `python3 -m gateway.audit.check STORE`.

Rule of this file: options only; what they mean stands in `command`.
"""

import argparse
import sys
from collections.abc import Sequence

from gateway.audit.check.command import HELP, Brought, run


def parser() -> argparse.ArgumentParser:
    """The options, those of `gateway log verify`."""
    made = argparse.ArgumentParser(
        prog="verify-log",
        description="Recompute a whole access log and compare it with every signature it carries.",
        epilog="Exit codes: 0 it holds, 1 it does not (the first bad entry is named), 2 it could not be checked.",
    )
    made.add_argument("place", metavar="STORE", help=HELP["place"])
    made.add_argument("--public-key", metavar="VKEY", help=HELP["public_key"])
    made.add_argument("--checkpoint", metavar="FILE", action="append", default=[], help=HELP["checkpoint"])
    made.add_argument("--keys", metavar="FOLDER", help=HELP["keys"])
    made.add_argument("--witness", metavar="VKEY", action="append", default=[], help=HELP["witness"])
    return made


def main(words: Sequence[str] | None = None) -> int:
    """Run the check that `words` (the command line, without the program's name) ask for."""
    given = parser().parse_args(words)
    brought = Brought(given.place, given.public_key, given.checkpoint, given.keys, given.witness)
    return run(brought, out=sys.stdout, err=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
