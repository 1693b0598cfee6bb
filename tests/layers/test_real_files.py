"""The published data sets, imported or refused for the right reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.importing import ImportRejected
from layers.reading import open_source
from layers.reading.errors import NoCRS, SeveralLayers
from tests.layers.conftest import Import, Query

pytestmark = pytest.mark.real_data
GORJ = 70


def test_uats_of_the_country_and_the_express_road(
    load: Import, query: Query, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_DATUM_GRID", str(real_data / "transdatro"))
    outlines = real_data / "uat_topojson_mit/romania.atus.topojson"
    with pytest.raises(NoCRS, match="fit Romania in EPSG:4326"):
        load("admin.uat", outlines, mapping={"siruta": "id"})
    report = load("admin.uat", outlines, crs="EPSG:4326", mapping={"siruta": "id"})
    assert (report.rows_read, report.rows_published, report.left_out_count) == (3_184, 3_180, 4)
    assert (report.datum, report.rejected_count) == ("transdatro", 0)
    gorj = query("SELECT count(*), count(DISTINCT kind) FROM admin.uat WHERE county = 'Gorj'")
    assert gorj == [(GORJ, 3)]

    road = real_data / "drum_expres_osm_odbl/drum_expres_craiova_tgjiu_osm.geojson"
    report = load(
        "roads.road",
        road,
        constants={"category": "DX", "number": "DX 12", "administrator": "CNAIR"},
        valid_from=report.valid_from,
    )
    assert (report.rows_published, report.warning_count, report.datum) == (7, 0, "transdatro")
    assert report.accuracy_m == pytest.approx(0.5025, abs=1e-4)
    counties = query(
        "SELECT DISTINCT county FROM admin.uat WHERE siruta = ANY(%s) ORDER BY 1", report.coverage
    )
    assert ("Gorj",) in counties
    measures = query("SELECT DISTINCT measure_source, category FROM roads.road")
    assert measures == [("computed", "DX")]
    lengths = query(
        "SELECT bool_and(abs(ST_M(ST_EndPoint(ST_GeometryN(geom, ST_NumGeometries(geom)))) - ST_Length(geom)) < 1e-6)"
        " FROM roads.road"
    )
    assert lengths == [(True,)]


@pytest.mark.parametrize(
    ("name", "layer", "options"),
    [
        ("building.gml", "cadastre.building", {"constants": {"siruta": "77812"}}),
        ("buildingpart.gml", "cadastre.building", {"constants": {"siruta": "77812"}}),
        ("othercons.gml", "cadastre.building", {"constants": {"siruta": "77812"}}),
        (
            "zoning.gml",
            "cadastre.parcel",
            {"constants": {"siruta": "77812"}, "mapping": {"cadastral_number": "label"}},
        ),
        ("cons.shp", "cadastre.building", {"constants": {"siruta": "77812"}}),
        ("address.gml", "admin.address", {"constants": {"siruta": "77812"}}),
    ],
)
def test_a_foreign_cadastre_is_refused_by_its_place(
    load: Import, query: Query, real_data: Path, name: str, layer: str, options: dict[str, dict[str, str]]
) -> None:
    with pytest.raises(ImportRejected) as caught:
        load(layer, real_data / "inspire_es_bsd2" / name, **options)
    report = caught.value.report
    assert report.crs == "EPSG:32628"
    assert report.rejected_by.get("geometry") == report.rows_read > 0
    assert report.rejected[0].expected == "a place in Romania (the coordinates were read as EPSG:32628)"
    assert query("SELECT count(*) FROM catalogue.layer_version") == [(0,)]


def test_every_file_can_be_read(real_data: Path) -> None:
    counts = {}
    for path in sorted(real_data.rglob("*")):
        if path.suffix.lower() in (".gml", ".shp", ".geojson", ".topojson", ".csv"):
            try:
                source = open_source(path)
            except SeveralLayers:
                continue
            counts[path.name] = sum(len(batch.rows) for batch in source.batches())
    assert counts == {
        "address.gml": 14,
        "building.gml": 16,
        "buildingpart.gml": 25,
        "cons.shp": 1_196,
        "drum_expres_craiova_tgjiu_osm.geojson": 7,
        "othercons.gml": 25,
        "puncte_control_stereo70_etrs89.csv": 7,
        "romania.atus.topojson": 3_184,
        "romania.cities.topojson": 320,
        "romania.counties.topojson": 42,
        "siruta.csv": 16_978,
        "zoning.gml": 235,
    }


def test_nothing_is_left_beside_the_data(real_data: Path) -> None:
    assert not list(real_data.rglob("*.gfs"))
