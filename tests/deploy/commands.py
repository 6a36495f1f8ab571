"""Commands as documents and container files show them, held against the command line that exists."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import typer.main

from gateway.cli.main import app

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(gateway [^`]+)`")


def shown(document: str) -> list[list[str]]:
    """Every `gateway ...` of a page, in its sh blocks and in its text, as words after `gateway`."""
    lines = [line for block in _FENCE.findall(document) for line in block.replace("\\\n", " ").splitlines()]
    found = [_of_gateway(shlex.split(line)) for line in lines if _is_command(line)]
    return [words for words in found if words] + [shlex.split(text)[1:] for text in _INLINE.findall(document)]


def _is_command(line: str) -> bool:
    return line.startswith(("gateway ", "as_gateway gateway "))


def _of_gateway(words: Sequence[str]) -> list[str]:
    return list(words[words.index("gateway") + 1 :])


def unknown(words: Sequence[str]) -> Iterator[str]:
    """What of a command does not exist: its name, a sub-command or an option. Arguments are not looked at."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "commands") and rest:
        name = rest.pop(0)
        if name not in command.commands:
            yield name
            return
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    yield from (word for word in rest if word.startswith("--") and word not in options)
