"""What others signed over the log goes with its export, and is verified there without the gateway."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from gateway.audit.check import Violation, check, check_export, parse_key, parse_witness
from gateway.audit.export import Exporter
from gateway.audit.keys import Places, open_signer
from gateway.storage.opening import Location, open_reader
from tests.gateway.audit.builders import ORIGIN
from tests.gateway.publish.builders import (
    a_witness,
    an_authority,
    authority_app,
    grow,
    log_vkey,
    publishing,
    served,
    witness_app,
)

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


def exported(folder: Path, out: Path) -> None:
    """Export the log under `folder`."""
    places = Places.under(folder)
    reader = open_reader(Location(path=places.store))
    try:
        Exporter(reader, open_signer(places, ORIGIN).key, out, ring=None).write()
    finally:
        reader.close()


async def test_an_export_carries_cosignatures_and_time_stamps(tmp_path: Path) -> None:
    """The checker holds both against the export; openssl verifies the token from the two files beside each other."""
    size = await grow(tmp_path, 3)
    async with (
        served(witness_app(tmp_path, [log_vkey(tmp_path)])) as witness_url,
        served(authority_app(tmp_path)) as tsa_url,
        publishing(tmp_path, a_witness(tmp_path, witness_url), an_authority(tmp_path, tsa_url)) as (_, watching),
    ):
        await watching.covered(size, "w1")
        await watching.covered(size, "tsa")
    out = tmp_path / "export"
    exported(tmp_path, out)
    key = parse_key(log_vkey(tmp_path))
    witness = parse_witness((tmp_path / "witness-w1" / "vkey").read_text("utf-8"))
    report = check_export(out, key=key, witnesses=[witness])
    assert [(one.witness, one.size) for one in report.witnesses] == [("witness.example/w1", size)]
    assert [(one.authority, one.size) for one in report.stamps] == [("tsa", size)]
    stamps = out / "timestamps"
    command = ["openssl", "ts", "-verify", "-data", stamps / f"{size}.checkpoint", "-in", stamps / f"{size}.tsa.tsr"]
    assert subprocess.run([*command, "-CAfile", tmp_path / "authority" / "ca.pem"], check=False).returncode == 0

    later = await grow(tmp_path, 300)
    exported(tmp_path, out)
    again = check_export(out, key=key, witnesses=[witness])
    assert (again.entries, [(one.authority, one.size) for one in again.stamps]) == (later, [("tsa", size)])


async def test_a_cosignature_altered_in_the_export_is_noticed(tmp_path: Path) -> None:
    """Under a key the auditor brought, a wrong line is a violation, not a line to be ignored."""
    size = await grow(tmp_path, 2)
    async with (
        served(witness_app(tmp_path, [log_vkey(tmp_path)])) as url,
        publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching),
    ):
        await watching.covered(size, "w1")
    out = tmp_path / "export"
    exported(tmp_path, out)
    text = (out / "checkpoint").read_text("utf-8")
    spoilt = text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]
    (out / "checkpoint").write_text(spoilt, "utf-8")
    witness = parse_witness((tmp_path / "witness-w1" / "vkey").read_text("utf-8"))
    with pytest.raises(Violation):
        check_export(out, key=parse_key(log_vkey(tmp_path)), witnesses=[witness])
    assert check_export(out, key=parse_key(log_vkey(tmp_path))).entries == size


async def test_a_time_stamp_over_another_checkpoint_is_noticed(tmp_path: Path) -> None:
    """A token moved to a later tree would date entries that did not exist yet: in an export and in the store."""
    size = await grow(tmp_path, 2)
    async with (
        served(authority_app(tmp_path)) as url,
        publishing(tmp_path, an_authority(tmp_path, url)) as (_, watching),
    ):
        await watching.covered(size, "tsa")
    later = await grow(tmp_path, 2)
    places, out, key = Places.under(tmp_path), tmp_path / "export", parse_key(log_vkey(tmp_path))
    exported(tmp_path, out)
    assert [one.size for one in check_export(out, key=key).stamps] == [size]
    (out / f"timestamps/{size}.tsa.tsr").rename(out / f"timestamps/{later}.tsa.tsr")
    with pytest.raises(Violation, match="over something else than this checkpoint"):
        check_export(out, key=key)

    assert [one.size for one in check(places.store, key=key).stamps] == [size]
    database = sqlite3.connect(places.store)
    database.execute("UPDATE timestamp_token SET size = ?", (later,))
    database.commit()
    database.close()
    with pytest.raises(Violation, match=f"stored for size {later}: it is over something else"):
        check(places.store, key=key)
