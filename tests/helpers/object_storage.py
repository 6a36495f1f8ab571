"""A real S3 server of the tests' own: OpenStack Swift on a free port of loopback, data in a folder of its own.

`object_storage(folder)` runs it. `settings` says how to reach it. Only the process started here is ended, by its id.
"""

import base64
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from config.running import S3Settings
from tests.helpers.ports import kept_port

ACCESS, SECRET, BUCKET = "test:gateway", "synthetic", "lienthong-documents"
STRANGER = "test:stranger"  # an account with no right to the bucket
PATIENCE_SECONDS = 60.0
_PROGRAM = Path(__file__).with_name("swift_process.py")


@dataclass(slots=True)
class Storage:
    """One server. `folder` holds its data as it keeps them."""

    folder: Path
    port: int
    certificate: Path | None = None
    child: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> S3Settings:
        """How the gateway reaches it."""
        return S3Settings(
            endpoint=f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}",
            region="us-east-1",
            bucket=BUCKET,
            access_key=ACCESS,
            secret_key=SECRET,
            ca="",
            deadline=timedelta(seconds=20),
            attempts=3,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        ready, log = self.folder / "ready", self.folder / "log"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-W", "ignore", str(_PROGRAM), str(self.folder), str(self.port)]
        with log.open("ab") as output:
            self.child = subprocess.Popen(
                [*command, *([str(self.certificate)] if self.certificate else [])], stdout=output, stderr=output
            )
        ends = time.monotonic() + PATIENCE_SECONDS
        while not ready.exists():
            assert self.child.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < ends, "not ready in time"
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; what it kept stays."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """For the block it takes connections and answers nothing."""
        assert self.child is not None
        os.kill(self.child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.child.pid, signal.SIGCONT)

    def request(self, method: str, path: str, content: bytes = b"") -> bytes:
        """What its administrator does: a request under the account, signed here (S3 signature version 2)."""
        date = format_datetime(datetime.now(UTC), usegmt=True)
        text = f"{method}\n\napplication/octet-stream\n{date}\n{path}"
        signature = base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()).decode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", content or None, method=method)
        asked.add_header("Date", date)
        asked.add_header("Content-Type", "application/octet-stream")
        asked.add_header("Authorization", f"AWS {ACCESS}:{signature}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(asked, timeout=PATIENCE_SECONDS) as answer:
            return bytes(answer.read())

    def files(self) -> list[bytes]:
        """Every file it keeps: what whoever takes its disk holds."""
        return [path.read_bytes() for path in (self.folder / "devices").rglob("*") if path.is_file()]


@contextmanager
def object_storage(folder: Path, certificate: Path | None = None) -> Iterator[Storage]:
    """A running server for the block, with an empty bucket. `certificate`: a PEM file with its key, for TLS."""
    with kept_port() as port:
        storage = Storage(folder, port)
        try:
            storage.start()
            storage.request("PUT", f"/{BUCKET}")
            if certificate is not None:
                storage.stop()
                storage.certificate = certificate
                storage.start()
            yield storage
        finally:
            storage.stop()
