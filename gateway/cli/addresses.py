"""`gateway addresses`: what becomes of an address of before July 2025, one of them or all that there can be."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

if TYPE_CHECKING:
    from gateway.steps.normalise.gazetteer import Places

app = typer.Typer(help="Addresses before and after the merger of July 2025.", no_args_is_help=True)


@app.command()
def convert(config: Config = DEFAULT_CONFIG) -> None:
    """Read addresses from standard input, one a line, and print each as the API would: one JSON object a line.

    Standard input, because an address belongs to someone and command lines are visible to every user of a machine.
    """
    from adapters.values import RawAddress
    from gateway.steps.normalise.addresses import address

    known = _places(config)
    for line in sys.stdin:
        if line.strip():
            value, doubts = address(RawAddress(text=line), known)
            print(json.dumps({"address": value, "doubts": doubts}, ensure_ascii=False))


@app.command()
def survey(config: Config = DEFAULT_CONFIG) -> None:
    """Convert every commune of before, by its codes and by its name without accents, and print the shares."""
    from gateway.steps.normalise import survey as counting

    known = _places(config)
    print(f"{'':24}{'exact':>14}{'split':>14}{'unknown':>14}{'wrong province':>17}")
    for title, count in (("by codes", counting.by_code), ("by name, no accents", counting.by_name)):
        done = count(known)
        shares = (f"{done.outcomes[name]:,} {100 * done.outcomes[name] / done.total:5.1f}%" for name in _OUTCOMES)
        print(f"{title:24}{''.join(f'{share:>14}' for share in shares)}{done.foreign:>17}")
    print(f"{len(known.former.units.communes):,} communes before, {len(known.current.units.communes):,} now")


_OUTCOMES = ("exact", "split", "unknown")


def _places(config: Path) -> "Places":
    from config.errors import Findings
    from config.files import Files
    from config.territory import read
    from gateway.steps.normalise.gazetteer import places

    findings = Findings()
    territory = read(Files(config, findings))
    if findings.problems:
        for problem in findings.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(1)
    return places(territory)
