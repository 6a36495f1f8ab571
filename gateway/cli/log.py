"""`gateway log`: the auditor's tools. `verify` needs only the log and its public key, `show` needs the key epoch.

Exit codes of `verify` and `prove --check`: 0 it holds, 1 it does not (the first bad entry is named), 2 it could not be
checked.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.checker import checker
from gateway.cli.log_files import export, prove
from gateway.cli.log_match import match
from gateway.cli.log_retention import retention
from gateway.cli.log_show import show

app = typer.Typer(help="Verify, prove, export and read the access log.", no_args_is_help=True)
app.command()(checker)
app.command()(prove)
app.command()(export)
app.command()(match)
app.command()(retention)
app.command()(show)

_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


@app.command()
def verify(
    store: Annotated[
        str | None, typer.Argument(help="The store (log.sqlite) or the folder of an export, instead of --data-dir.")
    ] = None,
    *,
    data_dir: _DataDir = Path("data"),
    public_key: Annotated[
        str | None,
        typer.Option(
            "--public-key",
            metavar="VKEY",
            help="The log's public key, as text or as a file. Default: log.vkey beside the store or in the export.",
        ),
    ] = None,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="A checkpoint kept from earlier: shows whether the log was cut back. Repeatable."
        ),
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Key epochs, a folder or one file: opens every entry they fit and checks the commitments too.",
        ),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VKEY",
            help="The public key of a witness, as text or as a file: checks its cosignatures. Repeatable.",
        ),
    ] = None,
) -> None:
    """Recompute the whole log and compare it with every signature it carries."""
    from gateway.audit.check.command import Brought, run

    place = store or str(data_dir / "log" / "log.sqlite")
    brought = Brought(place, public_key, checkpoint or (), keys, witness or ())
    raise typer.Exit(run(brought, out=sys.stdout, err=sys.stderr))
