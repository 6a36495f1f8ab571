"""`gateway procedures`: the forms and grants of the configuration, for those who answer for them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

if TYPE_CHECKING:
    from config.review import Reviewed

app = typer.Typer(help="Procedures: their forms and what they may see.", no_args_is_help=True)

Codes = Annotated[list[str] | None, typer.Argument(help="National codes, such as 1.004222; none: all procedures.")]
Code = Annotated[str, typer.Argument(help="The national code, such as 1.004222.")]
English = Annotated[bool, typer.Option("--english", help="Names and labels in English.")]


@app.command("check")
def check(codes: Codes = None, config: Config = DEFAULT_CONFIG) -> None:
    """Every mistake in the files of procedures at once, with file and line, and what deserves a second look.

    Exit status 1 when there are mistakes; warnings do not fail it. Needs neither the gateway's environment nor secrets.
    """
    found = _review(config, codes or [])
    for warning in found.warnings:
        typer.echo(f"warning: {warning}", err=True)
    _stop_at_problems(found)
    typer.echo(f"{len(found.procedures)} procedure(s) are sound ({len(found.warnings)} warning(s)).")


@app.command("list")
def listing(config: Config = DEFAULT_CONFIG, *, english: English = False) -> None:
    """The procedures, one a line: code, name, form fields, and those that registries fill. * : see its note."""
    from gateway.cli import procedure_text

    found = _review(config, [])
    _stop_at_problems(found)
    typer.echo(procedure_text.listing(found.procedures.values(), english=english))


@app.command("show")
def show(code: Code, config: Config = DEFAULT_CONFIG, *, english: English = False) -> None:
    """One procedure as a table: roles, each form field and where it comes from, each granted field and the law."""
    from gateway.cli import procedure_text

    found = _review(config, [code])
    _stop_at_problems(found)
    typer.echo(procedure_text.procedure(found.procedures[code], found.fields, english=english))


@app.command("new")
def new(
    code: Code,
    *,
    name_vi: Annotated[str, typer.Option(help="Its name.")],
    name_en: Annotated[str, typer.Option(help="Its English name.")],
    role: Annotated[
        list[str], typer.Option(help="Who it is about, name:kind, such as applicant:person; may be repeated.")
    ],
    basis: Annotated[str, typer.Option(help="The law that allows it, such as 'Land Law 31/2024/QH15'.")] = "",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Write the files of a new procedure, which pass the check at once; what only you can know is marked in them."""
    from gateway.cli import procedure_files, procedure_text

    try:
        written = procedure_files.add(
            config, _review(config, []).fields, code=code, names=(name_vi, name_en), roles=role, basis=basis
        )
    except procedure_files.NotWritten as error:
        _fail(str(error))
    for path in written:
        typer.echo(path.relative_to(config))
    typer.echo(procedure_text.NEXT.format(code=code), err=True)


def _review(config: Path, codes: list[str]) -> "Reviewed":
    from config.review import review

    return review(config, codes)


def _stop_at_problems(found: "Reviewed") -> None:
    for problem in found.problems:
        typer.echo(str(problem), err=True)
    if found.problems:
        _fail(f"{len(found.problems)} problem(s).")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
