"""The checker as a single file: a zip archive of this package that Python runs (PEP 441).

It needs Python 3.11 or newer and the package `cryptography`, nothing else. The sources are inside as they are here and
not compressed: who wants to know what it does unpacks it, or reads it in an editor.

Rule of this file: the same sources give the same bytes, on every machine and day, so that its SHA-256 can be published
and compared.
"""

import io
import zipfile
from importlib.resources import files

NAME = "verify-log.pyz"

_PACKAGE = "gateway.audit.check"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16
_UNIX = 3

_START = '''"""Verifies an access log of the gateway: see gateway/audit/check in this archive, and --help."""

import sys


def _stop(sentence):
    sys.stderr.write("COULD NOT CHECK  %s\\n" % sentence)
    sys.exit(2)


if sys.version_info < (3, 11):
    _stop("Python 3.11 or newer is needed, this is %d.%d" % sys.version_info[:2])
try:
    from gateway.audit.check.__main__ import main
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("cryptography"):
        raise
    _stop("the Python package cryptography is needed: python3 -m pip install cryptography")
sys.exit(main())
'''


def checker() -> bytes:
    """The single file."""
    folder = files(_PACKAGE)
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".py") and one.name != "bundle.py")
    place = _PACKAGE.replace(".", "/")
    content = {
        "__main__.py": _START,
        "gateway/__init__.py": "",
        "gateway/audit/__init__.py": "",
        **{f"{place}/{name}": (folder / name).read_text(encoding="utf-8") for name in names},
    }
    made = io.BytesIO()
    made.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(made, "a", zipfile.ZIP_STORED) as archive:
        for name, text in content.items():
            about = zipfile.ZipInfo(name, _EARLIEST)
            about.create_system, about.external_attr = _UNIX, _READABLE
            archive.writestr(about, text.encode())
    return made.getvalue()
