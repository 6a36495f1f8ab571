"""`territory/*.csv`: administrative units of the two schemes in use, and where the older ones went.

Rule of this file: a code means nothing without its scheme. 82 was Tiền Giang before 2025-07-01 and is Đồng Tháp
since.
"""

import csv
import re
from collections.abc import Mapping

from config.files import Files
from config.model import Named, Territory, Units
from config.place import Place

CURRENT = "2025-07-01"
FORMER = "2004-07-08"
NOWHERE = "-"
"""In `moved_to` of a district: it went with its communes."""

_CODE = {"province": re.compile(r"\d{2}"), "district": re.compile(r"\d{3}"), "commune": re.compile(r"\d{5}")}
_ORIGIN_KEYS = ("source", "licence", "as_of")
Row = tuple[int, dict[str, str]]
ByCode = Mapping[str, tuple[str, str]]


def read(files: Files) -> Territory:
    """Both schemes. Mistakes are recorded in the findings of `files`."""
    expected = [
        f"provinces-{CURRENT}.csv",
        f"provinces-{FORMER}.csv",
        f"communes-{CURRENT}.csv",
        f"districts-{FORMER}.csv",
        f"communes-{FORMER}.csv",
        "spellings.csv",
    ]
    files.names("territory", "|".join(map(re.escape, expected)), say=", ".join(expected))
    now, before, communes, older_districts, older_communes, other = (f"territory/{name}" for name in expected)
    current = _provinces(files, now, _rows(files, now, ("code", "name", "name_en")))
    rows = _rows(files, before, ("code", "name", "name_en", "moved_to"))
    former = _provinces(files, before, rows)
    held = _communes(files, communes, current)
    moved = _moves(files, before, rows, current)
    districts, whole = _districts(files, older_districts, former, held)
    names, district_of, parts = _former_communes(files, older_communes, districts, held)
    _agree(files, older_communes, names, parts, (moved, held))
    spelt = _spellings(files, other, {CURRENT: current, FORMER: former})
    return Territory(
        Units(CURRENT, current, held, spellings=spelt[CURRENT]),
        Units(FORMER, former, names, districts, district_of, spelt[FORMER]),
        moved,
        parts,
        whole,
    )


def _spellings(
    files: Files, name: str, provinces: Mapping[str, Mapping[str, Named]]
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Scheme -> (other name, province code)."""
    found: dict[str, list[tuple[str, str]]] = {scheme: [] for scheme in provinces}
    for line, row in _rows(files, name, ("name", "province", "scheme")):
        if row["province"] in provinces.get(row["scheme"], {}):
            found[row["scheme"]].append((row["name"], row["province"]))
        else:
            files.findings.problem(
                Place(files.shown(name), line), f"There is no province {row['province']} in {row['scheme']}."
            )
    return {scheme: tuple(names) for scheme, names in found.items()}


def _districts(
    files: Files, name: str, provinces: Mapping[str, Named], current: ByCode
) -> tuple[ByCode, Mapping[str, str]]:
    """Code -> (name, province), and of those without communes where they went."""
    found: dict[str, tuple[str, str]] = {}
    whole: dict[str, str] = {}
    for line, row in _rows(files, name, ("code", "name", "province", "moved_to")):
        place = Place(files.shown(name), line)
        if row["province"] not in provinces:
            files.findings.problem(place, f"There is no province {row['province']}.")
        elif row["moved_to"] != NOWHERE and row["moved_to"] not in current:
            files.findings.problem(place, f"There is no current commune {row['moved_to']}.")
        elif _fresh(files, name, line, "district", row["code"], found):
            found[row["code"]] = (row["name"], row["province"])
            if row["moved_to"] != NOWHERE:
                whole[row["code"]] = row["moved_to"]
    return found, whole


def _former_communes(
    files: Files, name: str, districts: ByCode, current: ByCode
) -> tuple[ByCode, Mapping[str, str], Mapping[str, tuple[str, ...]]]:
    """Code -> (name, province), code -> district, code -> the current communes that hold a part."""
    found: dict[str, tuple[str, str]] = {}
    district_of: dict[str, str] = {}
    moved: dict[str, tuple[str, ...]] = {}
    for line, row in _rows(files, name, ("code", "name", "district", "moved_to")):
        district, parts = districts.get(row["district"]), tuple(row["moved_to"].split())
        lost = next((part for part in parts if part not in current), None)
        if district is None:
            files.findings.problem(Place(files.shown(name), line), f"There is no district {row['district']}.")
        elif lost is not None:
            files.findings.problem(Place(files.shown(name), line), f"There is no current commune {lost}.")
        elif _fresh(files, name, line, "commune", row["code"], found):
            found[row["code"]] = (row["name"], district[1])
            district_of[row["code"]] = row["district"]
            moved[row["code"]] = parts
    return found, district_of, moved


def _agree(
    files: Files,
    name: str,
    formers: ByCode,
    parts: Mapping[str, tuple[str, ...]],
    tables: tuple[Mapping[str, str], ByCode],
) -> None:
    """The two tables of moves say the same: a commune is nowhere but in the province that its province went into."""
    provinces, current = tables
    for code, targets in parts.items():
        into = provinces.get(formers[code][1])
        if any(current[target][1] != into for target in targets):
            files.findings.problem(
                Place(files.shown(name), 1), f"The commune {code} went into another province than its province did."
            )


def _rows(files: Files, name: str, columns: tuple[str, ...]) -> list[Row]:
    """The rows of a CSV file with their lines. Comment lines at its head say where it is from."""
    text = files.text(name)
    if text is None:
        return []
    lines = text.splitlines()
    head = [line for line in lines if line.startswith("#")]
    for key in _ORIGIN_KEYS:
        if not any(re.match(rf"#\s*{key}:\s*\S", line) for line in head):
            files.findings.problem(Place(files.shown(name), 1), f'The head says no "# {key}: ...".')
    start = len(head)
    if lines[:start] != head or lines[start : start + 1] != [",".join(columns)]:
        place = Place(files.shown(name), start + 1)
        files.findings.problem(place, f"After the comments at the head must come the columns {','.join(columns)}.")
        return []
    found: list[Row] = []
    for line, text_row in enumerate(lines[start + 1 :], start + 2):
        cells = _cells(text_row)
        if len(cells) != len(columns) or not all(cells) or cells != [cell.strip() for cell in cells]:
            files.findings.problem(Place(files.shown(name), line), f"A row has {len(columns)} cells, none empty.")
        else:
            found.append((line, dict(zip(columns, cells, strict=True))))
    return found


def _cells(text: str) -> list[str]:
    if '"' not in text:
        return text.split(",")  # what `csv` makes of it, at a tenth of the time: there are thousands of rows
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        return []


def _provinces(files: Files, name: str, rows: list[Row]) -> Mapping[str, Named]:
    found: dict[str, Named] = {}
    for line, row in rows:
        if _fresh(files, name, line, "province", row["code"], found):
            found[row["code"]] = Named(row["name"], row["name_en"])
    return found


def _communes(files: Files, name: str, provinces: Mapping[str, Named]) -> Mapping[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for line, row in _rows(files, name, ("code", "name", "province")):
        if row["province"] not in provinces:
            files.findings.problem(Place(files.shown(name), line), f"There is no province {row['province']}.")
        elif _fresh(files, name, line, "commune", row["code"], found):
            found[row["code"]] = (row["name"], row["province"])
    return found


def _moves(files: Files, name: str, rows: list[Row], current: Mapping[str, Named]) -> Mapping[str, str]:
    for line, row in rows:
        if row["moved_to"] not in current:
            files.findings.problem(Place(files.shown(name), line), f"There is no current province {row['moved_to']}.")
    return {row["code"]: row["moved_to"] for _, row in rows}


def _fresh(files: Files, name: str, line: int, level: str, code: str, found: Mapping[str, object]) -> bool:
    if not _CODE[level].fullmatch(code):
        files.findings.problem(Place(files.shown(name), line), f'"{code}" is no {level} code.')
        return False
    if code in found:
        files.findings.problem(Place(files.shown(name), line), f"The {level} {code} stands here twice.")
        return False
    return True
