"""The script that makes the tables of administrative units."""

import hashlib
import importlib.util
import json
import sqlite3
from pathlib import Path
from types import ModuleType

import pytest

from tests.config.folder import SHIPPED


@pytest.fixture
def script() -> ModuleType:
    """The script as a module of its own."""
    spec = importlib.util.spec_from_file_location("build_territory", SHIPPED.parent / "deploy/build_territory.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def data_set(folder: Path) -> Path:
    """A data set of three current communes made of four older units, one of them divided, one an island district."""
    data = folder / "vietnamadminunits/data"
    data.mkdir(parents=True)
    database = sqlite3.connect(data / "dataset.db")
    current = "provinceCode TEXT, provinceShort TEXT, provinceKey TEXT, wardCode TEXT, ward TEXT"
    database.execute(f"CREATE TABLE admin_units ({current}, wardKey TEXT)")
    former = f"{current}, wardKey TEXT, districtCode TEXT, district TEXT, districtKey TEXT"
    database.execute(f"CREATE TABLE admin_units_legacy ({former})")
    rows = [
        ("82", "Đồng Tháp", "dt", "28261", "Phường Mỹ Tho", "phuongmytho"),
        ("82", "Đồng Tháp", "dt", "28300", "Đặc khu Cồn", "dackhucon"),
        ("04", "Cao Bằng", "cb", "01273", "Phường Thục Phán", "phuongthucphan"),
    ]
    database.executemany("INSERT INTO admin_units VALUES (?, ?, ?, ?, ?, ?)", rows)
    older = [
        ("82", "Tiền Giang", "tg", "28249", "Phường 1", "phuong1", "815", "Thành phố Mỹ Tho", "tpmytho"),
        ("82", "Tiền Giang", "tg", "28250", "Phường 2", "phuong2", "815", "Thành phố Mỹ Tho", "tpmytho"),
        ("87", "Đồng Tháp", "dt", None, None, None, "870", "Huyện Cồn", "huyencon"),
        ("04", "Cao Bằng", "cb", "01273", "Phường Sông Hiến", "phuongsonghien", "040", "Thành phố Cao Bằng", "tpcb"),
    ]
    database.executemany("INSERT INTO admin_units_legacy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", older)
    database.commit()
    database.close()
    moves = {
        "DICT_PROVINCE": {"dt": ["tg", "dt"], "cb": ["cb"]},
        "DICT_PROVINCE_WARD_NO_DIVIDED": {
            "dt": {"phuongmytho": ["tg_tpmytho_phuong1"], "dackhucon": ["dt_huyencon_"]},
            "cb": {"phuongthucphan": ["cb_tpcb_phuongsonghien"]},
        },
        "DICT_PROVINCE_WARD_DIVIDED": {
            "dt": {"tg_tpmytho_phuong2": [{"newWardKey": "phuongmytho"}, {"newWardKey": "dackhucon"}]},
        },
    }
    (data / "converter_2025.json").write_text(json.dumps(moves))
    return data


def body(text: str) -> list[str]:
    """The rows below the head of a table."""
    return [row for row in text.splitlines() if not row.startswith("#")]


def test_tables(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units come out sorted, with unaccented names, and older provinces with where they went."""
    data = data_set(tmp_path)
    for name, file in (("DATABASE_SHA256", "dataset.db"), ("CONVERTER_SHA256", "converter_2025.json")):
        monkeypatch.setattr(script, name, hashlib.sha256((data / file).read_bytes()).hexdigest())
    tables = {name: body(text) for name, text in script.build(tmp_path).items()}
    assert tables == {
        "provinces-2025-07-01.csv": ["code,name,name_en", "04,Cao Bằng,Cao Bang", "82,Đồng Tháp,Dong Thap"],
        "provinces-2004-07-08.csv": [
            "code,name,name_en,moved_to",
            "04,Cao Bằng,Cao Bang,04",
            "82,Tiền Giang,Tien Giang,82",
            "87,Đồng Tháp,Dong Thap,82",
        ],
        "communes-2025-07-01.csv": [
            "code,name,province",
            "01273,Phường Thục Phán,04",
            "28261,Phường Mỹ Tho,82",
            "28300,Đặc khu Cồn,82",
        ],
        "districts-2004-07-08.csv": [
            "code,name,province,moved_to",
            "040,Thành phố Cao Bằng,04,-",
            "815,Thành phố Mỹ Tho,82,-",
            "870,Huyện Cồn,87,28300",
        ],
        "communes-2004-07-08.csv": [
            "code,name,district,moved_to",
            "01273,Phường Sông Hiến,040,01273",
            "28249,Phường 1,815,28261",
            "28250,Phường 2,815,28261 28300",
        ],
    }


def test_other_data_is_refused(script: ModuleType, tmp_path: Path) -> None:
    """Data of another version is not taken for the one the tables name as their source."""
    data_set(tmp_path)
    with pytest.raises(SystemExit, match=r"dataset\.db is not that of vietnamadminunits 1\.0\.4"):
        script.main([str(tmp_path)])


def test_usage(script: ModuleType) -> None:
    """Without a folder the script says how it is used."""
    with pytest.raises(SystemExit, match="usage"):
        script.main([])


def test_shipped_heads_name_the_script_s_version(script: ModuleType) -> None:
    """The shipped tables were made from the version the script reads."""
    for file in sorted(SHIPPED.glob("territory/*-20*.csv")):
        assert f"# source: data set vietnamadminunits {script.VERSION} " in file.read_text()
