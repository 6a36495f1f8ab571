"""`gateway`, the one command. Sub-commands import what they need when they run, so that `--help` is quick."""

import typer

from gateway.cli import (
    addresses,
    auditors,
    call,
    check,
    console,
    corrections,
    demo,
    documents,
    explain,
    keys,
    log,
    mocks,
    portals,
    procedures,
    report,
    serve,
    sources,
    store,
)

app = typer.Typer(
    name="gateway",
    help="Lienthong Gateway: one signed API in front of the national databases.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with values in it could print personal data
    add_completion=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("console")(console.console)
app.command("mocks", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(mocks.mocks)
app.command("check")(check.check)
app.command("call")(call.call)
app.command("explain")(explain.explain)
app.add_typer(sources.app, name="sources")
app.add_typer(addresses.app, name="addresses")
app.add_typer(documents.app, name="documents")
app.add_typer(keys.app, name="keys")
app.add_typer(portals.app, name="portals")
app.add_typer(auditors.app, name="auditors")
app.add_typer(corrections.app, name="corrections")
app.add_typer(procedures.app, name="procedures")
app.add_typer(log.app, name="log")
app.add_typer(report.app, name="report")
app.add_typer(store.app, name="store")


def main() -> None:
    """The entry point of the console script."""
    app()
