"""`gateway log checker`: the checker as a single file, for an auditor who has nothing else of us.

Exit codes: 0 written, 2 it could not be.
"""

import hashlib
import sys
from pathlib import Path
from typing import Annotated

import typer


def checker(
    *, out: Annotated[Path, typer.Option(help="The file to write, over one that is there.")] = Path("verify-log.pyz")
) -> None:
    """Write `gateway log verify` as one file that runs with Python and `cryptography` alone.

    Every machine writes the same bytes: compare the SHA-256.
    """
    from gateway.audit.check.bundle import checker as single_file

    data = single_file()
    try:
        out.write_bytes(data)
        out.chmod(0o755)
    except OSError as error:
        print(f"{out}: {error.strerror}", file=sys.stderr)
        raise typer.Exit(2) from None
    print(f"{out}  {len(data)} bytes\nSHA-256 {hashlib.sha256(data).hexdigest()}")
