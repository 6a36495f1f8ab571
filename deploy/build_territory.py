"""Rebuilds config/territory/*.csv from an unpacked copy of the open data set `vietnamadminunits` 1.0.4 (MIT).

    python deploy/build_territory.py FOLDER [TARGET]

FOLDER holds `vietnamadminunits/data/`. TARGET is config/territory unless given. Only names and codes are taken; where
provinces and communes went comes from the data set's own conversion table.
"""

import csv
import hashlib
import io
import json
import sqlite3
import sys
import unicodedata
from pathlib import Path
from typing import Any

VERSION = "1.0.4"
DATABASE_SHA256 = "147cbbf81c8964bb594e1dda7ebab5649bce21efbfd6cb508cab7fefca62257d"
CONVERTER_SHA256 = "84f0848bf401b047775cbb49768c181a9271f77e4a4ec706d293b09bcb4faddd"
TARGET = Path(__file__).resolve().parent.parent / "config" / "territory"


def plain(text: str) -> str:
    """A Vietnamese name in unaccented letters, as it is commonly written in English."""
    letters = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file of the data set. Exits when it is not the version this script was written for."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(
            f"{path.name} is not that of vietnamadminunits {VERSION}: read the new data, then change the hash here."
        )
    return content


def table(rows: list[tuple[str, ...]], columns: tuple[str, ...], *, about: str, as_of: str) -> str:
    """The text of one CSV file with its origin at the head."""
    out = io.StringIO()
    out.write(f"# {about}\n")
    out.write(f"# source: data set vietnamadminunits {VERSION} by Tran Ngoc Minh Hieu, names and codes only\n")
    out.write("# licence: MIT, in LICENCE-vietnamadminunits.txt\n")
    out.write(f"# as_of: {as_of}\n")
    out.write("# made by: deploy/build_territory.py\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(sorted(rows))
    return out.getvalue()


def targets(conversion: dict[str, Any], code_of: dict[tuple[str, str], str]) -> dict[str, set[str]]:
    """Key of a former unit -> codes of the current communes that hold a part of it."""
    found: dict[str, set[str]] = {}
    for province, communes in conversion["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for commune, formers in communes.items():
            for former in formers:
                found.setdefault(former, set()).add(code_of[province, commune])
    for province, divided in conversion["DICT_PROVINCE_WARD_DIVIDED"].items():
        for former, parts in divided.items():
            found.setdefault(former, set()).update(code_of[province, part["newWardKey"]] for part in parts)
    return found


def build(folder: Path) -> dict[str, str]:
    """File name -> text of the five tables."""
    data = folder / "vietnamadminunits" / "data"
    checked(data / "dataset.db", DATABASE_SHA256)
    conversion = json.loads(checked(data / "converter_2025.json", CONVERTER_SHA256))
    database = sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True)
    select = "SELECT DISTINCT provinceCode, provinceShort, provinceKey FROM "
    current = database.execute(select + "admin_units").fetchall()
    former = database.execute(select + "admin_units_legacy").fetchall()
    communes = database.execute("SELECT wardCode, ward, provinceCode, provinceKey, wardKey FROM admin_units").fetchall()
    formers = database.execute(
        "SELECT wardCode, ward, districtCode, district, provinceCode, provinceKey, districtKey, wardKey"
        " FROM admin_units_legacy"
    ).fetchall()
    database.close()
    code_of = {key: code for code, _, key in current}
    moved = {old: code_of[new] for new, olds in conversion["DICT_PROVINCE"].items() for old in olds}
    went = targets(conversion, {(province, key): code for code, _, _, province, key in communes})
    districts = {code: (name, province) for _, _, code, name, province, *_ in formers}
    # five island districts never had communes: they went as a whole
    whole = {
        district: went[f"{province}_{key}_"]
        for commune, _, district, _, _, province, key, _ in formers
        if commune is None
    }
    moves = [
        (commune, name, district, " ".join(sorted(went[f"{province}_{district_key}_{key}"])))
        for commune, name, district, _, _, province, district_key, key in formers
        if commune is not None
    ]
    return {
        "provinces-2025-07-01.csv": table(
            [(code, name, plain(name)) for code, name, _ in current],
            ("code", "name", "name_en"),
            about="Provinces and cities since 2025-07-01 (Decision 19/2025/QĐ-TTg).",
            as_of="2025-07-01",
        ),
        "provinces-2004-07-08.csv": table(
            [(code, name, plain(name), moved[key]) for code, name, key in former],
            ("code", "name", "name_en", "moved_to"),
            about="The 63 provinces and cities until 2025-06-30; moved_to is the code under Decision 19/2025/QĐ-TTg.",
            as_of="2025-06-30",
        ),
        "communes-2025-07-01.csv": table(
            [(code, name, province) for code, name, province, *_ in communes],
            ("code", "name", "province"),
            about="Communes, wards and special zones since 2025-07-01 (Decision 19/2025/QĐ-TTg).",
            as_of="2025-07-01",
        ),
        "districts-2004-07-08.csv": table(
            [(code, *named, " ".join(sorted(whole.get(code, ("-",))))) for code, named in districts.items()],
            ("code", "name", "province", "moved_to"),
            about="Districts until 2025-06-30; moved_to: the current commune of one that had no communes, else -.",
            as_of="2025-06-30",
        ),
        "communes-2004-07-08.csv": table(
            moves,
            ("code", "name", "district", "moved_to"),
            about="Communes until 2025-06-30; moved_to: the current communes that hold a part of it.",
            as_of="2025-06-30",
        ),
    }


def main(arguments: list[str]) -> None:
    """Write the five tables."""
    if len(arguments) not in (1, 2):
        sys.exit("usage: python deploy/build_territory.py FOLDER [TARGET]")
    target = Path(arguments[1]) if len(arguments) == 2 else TARGET
    for name, text in build(Path(arguments[0])).items():
        (target / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {text.count(chr(10)) - 6} rows\n")


if __name__ == "__main__":
    main(sys.argv[1:])
