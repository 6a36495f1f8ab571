"""`gateway call dossiers.prefill --ndjson`: the lines of a batch as they come, for the terminal or the next program.

Standard output gets one JSON object per line, nothing of it unverified; standard error the tally.
"""

import json
from collections.abc import AsyncIterator

import typer

from gateway.cli.shown import printable
from gateway.client import BatchLine


async def shown(lines: AsyncIterator[BatchLine]) -> int:
    """Print each line; the exit status: 0, or 1 when one of them is a problem. Raises what the client raises."""
    answered = refused = 0
    async for line in lines:
        said = {"line": line.number, "dossier": line.dossier}
        if line.answer is not None:
            answered += 1
            typer.echo(_printed({**said, "status": line.answer.status, "result": line.answer.document}))
        elif line.problem is not None:
            refused += 1
            typer.echo(_printed({**said, "status": line.problem.status, "problem": line.problem.document}))
    typer.echo(f"batch      complete: {answered} answered, {refused} refused", err=True)
    typer.echo("signature  verified: every line, and the end of the answer", err=True)
    return 1 if refused else 0


def _printed(document: dict[str, object]) -> str:
    return printable(json.dumps(document, ensure_ascii=False))
