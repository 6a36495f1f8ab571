"""House rules that a script can see."""

import ast
import re

import pytest

from tests.docs.pages import ROOT

PACKAGES = ("gateway", "adapters", "signing", "mocks", "config")
FILES = [path for package in PACKAGES for path in sorted(ROOT.glob(f"{package}/**/*.py"))]
SAYS_NOTHING = {"utils", "helpers", "common", "base", "core", "manager", "service"}
LONGEST = 400


@pytest.mark.parametrize("package", PACKAGES)
def test_files_are_short_and_say_what_they_are(package: str) -> None:
    """No file of a package is too long, and each that holds anything opens with a docstring."""
    for path in sorted(ROOT.glob(f"{package}/**/*.py")):
        source = path.read_text(encoding="utf-8")
        assert source.count("\n") <= LONGEST, path
        assert not source.strip() or ast.get_docstring(ast.parse(source)), path


def test_names_of_modules_say_what_they_hold() -> None:
    """No module or folder is named after the fact that things are put there."""
    parts = {part for path in FILES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & SAYS_NOTHING == set()


def _environment_readers() -> set[str]:
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
                found.add(str(path.relative_to(ROOT)))
    return found


def test_only_commands_and_the_composition_root_read_the_environment() -> None:
    """`os.environ` stands in gateway/app.py and gateway/cli alone."""
    readers = _environment_readers()
    assert readers
    assert [path for path in readers if not path.startswith("gateway/cli/") and path != "gateway/app.py"] == []


def test_a_broad_except_stands_at_an_edge_with_its_reason() -> None:
    """`except Exception` is written at the outermost edge of a call, a task or the application, and says why."""
    edges = {"gateway/pipeline.py", "gateway/api/app.py", "gateway/jobs/runner.py", "gateway/console/web/around.py"}
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception"):
                assert str(path.relative_to(ROOT)) in edges, path
                assert re.search(r"# noqa: BLE001 - \w", source.splitlines()[node.lineno - 1]), path
