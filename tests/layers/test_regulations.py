"""Zone files of older plans: POT, CUT and heights become articles of the local regulation."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from layers.regulations import levels
from tests.layers import samples
from tests.layers.conftest import Import, Query
from tests.layers.samples import SIRUTA

ROWS = (
    "SELECT zone_code, utr, article, item, modality, value_min, value_max, unit, body FROM planning.regulation"
    " WHERE valid_to = 'infinity' ORDER BY zone_code, article"
)


def zones(plan: str = "PUG-1", **figures: object) -> gpd.GeoDataFrame:
    data = {"siruta": SIRUTA, "plan_code": plan, "cod": ["Li", "C"], "UTR": ["1", None], **figures}
    return gpd.GeoDataFrame(data, geometry=samples.squares(2), crs=3844)


def test_figures_become_rows_with_their_articles(with_uats: Import, query: Query) -> None:
    report = with_uats(
        "planning.zone",
        zones(POT=[35, 70], CUT_max=["0,9", "2,1"], RH=["P+1E+M", "conform PUZ"], H_max=[8.5, None]),
    )
    assert query(ROWS) == [
        ("C", None, 15, "levels_max", "permis", None, None, "niveluri", "conform PUZ"),
        ("C", None, 19, "pot_max", "permis", None, 70.0, "%", None),
        ("C", None, 21, "cut_max", "permis", None, 2.1, "ADC/m2", None),
        ("Li", "1", 13, "height_max", "permis", None, 8.5, "m", None),
        ("Li", "1", 15, "levels_max", "permis", None, 3.0, "niveluri", "P+1E+M"),
        ("Li", "1", 19, "pot_max", "permis", None, 35.0, "%", None),
        ("Li", "1", 21, "cut_max", "permis", None, 0.9, "ADC/m2", None),
    ]
    assert any("pot_max ← POT" in note for note in report.notes)
    assert "planning.regulation: version 1 with 7 rows" in report.notes
    covered = query("SELECT siruta FROM catalogue.coverage WHERE layer = 'planning.regulation'")
    assert covered == [(SIRUTA,)]


def test_a_new_zone_file_replaces_its_own_figures_only(with_uats: Import, query: Query) -> None:
    with_uats("planning.zone", zones("PUG-1", POT=[35, 70]))
    with_uats("planning.zone", zones("PUZ-2", POT=[20, 30]))
    with_uats("planning.zone", zones("PUG-1", POT=[40, 70]))
    found = query(
        "SELECT plan_code, value_max FROM planning.regulation WHERE valid_to = 'infinity' ORDER BY 1, 2"
    )
    assert found == [("PUG-1", 40.0), ("PUG-1", 70.0), ("PUZ-2", 20.0), ("PUZ-2", 30.0)]


def test_a_regulation_of_its_own_stays(with_uats: Import, query: Query, tmp_path: Path) -> None:
    path = tmp_path / "regulament.csv"
    path.write_text("siruta;plan_code;zone_code;art;item;max;um\n77812;PUG-1;Li;19;pot_max;30;%\n")
    with_uats("planning.regulation", path)
    report = with_uats("planning.zone", zones("PUG-1", POT=[35, 70]))
    assert query("SELECT value_max FROM planning.regulation WHERE valid_to = 'infinity'") == [(30.0,)]
    assert any("plan PUG-1 has a regulation of its own" in note for note in report.notes)


def test_contradictions_are_warned_of(with_uats: Import) -> None:
    frame = zones(cod=["Li", "Li"], UTR=["1", "1"], POT=[35, 40])
    report = with_uats("planning.zone", frame)
    assert [w.text for w in report.warnings if w.kind == "regulation"] == [
        "plan PUG-1, zone Li, UTR 1: pot_max is 35 and 40"
    ]


def test_zones_without_figures_leave_the_regulation_alone(with_uats: Import, query: Query) -> None:
    with_uats("planning.zone", zones())
    assert query("SELECT count(*) FROM catalogue.layer_version WHERE layer = 'planning.regulation'") == [(0,)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P", 1),
        ("P+1", 2),
        ("P+2E", 3),
        ("S+P+2E+M", 4),
        ("D + P + 1", 2),
        ("3", 3),
        ("2.5", 2.5),
        ("P+M", 2),
        ("conform PUZ", None),
    ],
)
def test_storeys(text: str, expected: float | None) -> None:
    assert levels(text) == expected
