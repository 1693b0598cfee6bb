"""A file becomes a version, whole or not at all, and the report says everything about it."""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layers.importing import ImportOptions, ImportRejected, import_file
from layers.mapping import MappingError
from layers.reading.errors import EmptyFile, NoCRS, UnknownCRS
from layers.report import ImportReport
from tests.layers import samples
from tests.layers.conftest import Import, Query
from tests.layers.samples import EAST, NORTH, SIRUTA

IN_FORCE = "SELECT count(*) FROM cadastre.parcel WHERE valid_to = 'infinity'"


def rejected(load: Import, layer: str, what: gpd.GeoDataFrame | Path, **options: object) -> ImportReport:
    with pytest.raises(ImportRejected) as caught:
        load(layer, what, **options)
    return caught.value.report


def test_parcels(with_uats: Import, query: Query, tmp_path: Path) -> None:
    frame = samples.parcels(4, 3, nr_cf="1204/Ţicleni")
    path = tmp_path / "parcele.gpkg"
    frame.to_file(path)
    report = with_uats("cadastre.parcel", path)
    assert (report.rows_read, report.rows_published, report.warning_count, report.version) == (12, 12, 0, 1)
    assert report.columns["cadastral_number"] == "nr_cad"
    assert report.coverage == [SIRUTA]
    assert report.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    rows = query(
        "SELECT cadastral_number, land_book_number, use_category, area_legal_m2, ST_Area(geom), ST_SRID(geom),"
        " GeometryType(geom), valid_from FROM cadastre.parcel ORDER BY 1"
    )
    assert rows[0] == (
        "30000",
        "1204/Țicleni",
        "CC",
        400.0,
        400.0,
        3844,
        "MULTIPOLYGON",
        datetime.date.today(),
    )
    assert len(rows) == 12
    version = query(
        "SELECT rows, accuracy_m, crs, datum, source, report->>'rows_read' FROM catalogue.layer_version"
        " WHERE layer = 'cadastre.parcel'"
    )

    assert version == [(12, 0.2, "EPSG:3844", "none", "parcele.gpkg", "12")]


def test_the_report_as_text(with_uats: Import) -> None:
    text = with_uats("cadastre.parcel", samples.parcels(2)).text()
    assert text.splitlines()[0] == "cadastre.parcel from file2.gpkg: version 1"
    assert "rows read 2, published 2, repaired 0, rejected 0, warnings 0" in text


def test_second_version_closes_the_first(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(3), valid_from=datetime.date(2026, 1, 1))
    report = with_uats("cadastre.parcel", samples.parcels(5), valid_from=datetime.date(2026, 6, 1))
    assert report.version == 2
    assert query(
        "SELECT valid_from::text, valid_to::text, count(*) FROM cadastre.parcel GROUP BY 1, 2 ORDER BY 1"
    ) == [
        ("2026-01-01", "2026-06-01", 3),
        ("2026-06-01", "infinity", 5),
    ]


def test_dry_run_publishes_nothing(with_uats: Import, query: Query) -> None:
    report = with_uats("cadastre.parcel", samples.parcels(3), dry_run=True)
    assert (report.rows_read, report.rows_published, report.version) == (3, 0, None)
    assert "dry run, nothing published" in report.text()
    assert query(IN_FORCE) == [(0,)]
    assert query("SELECT count(*) FROM catalogue.layer_version WHERE layer = 'cadastre.parcel'") == [(0,)]


def test_one_bad_row_and_nothing_changes(with_uats: Import, query: Query) -> None:
    with_uats("cadastre.parcel", samples.parcels(3))
    frame = samples.parcels(5, categorie=["CC", "A", "grădină", "F", "P"])
    report = rejected(with_uats, "cadastre.parcel", frame)
    assert [(r.row, r.column, r.found) for r in report.rejected] == [(3, "use_category", "grădină")]
    assert report.rejected[0].expected.startswith("one of A, P, F")
    assert report.rows_read == 5
    assert query(IN_FORCE) == [(3,)]


def test_ten_thousand_bad_rows(with_uats: Import, query: Query) -> None:
    report = rejected(with_uats, "cadastre.parcel", samples.parcels(100, 100, categorie="?"))
    assert (report.rows_read, report.rejected_count, len(report.rejected)) == (10_000, 10_000, 100)
    assert len(report.text()) < 20_000
    assert query(IN_FORCE) == [(0,)]


def test_a_row_with_two_mistakes_is_one_row(with_uats: Import) -> None:
    frame = samples.parcels(3, categorie=["CC", "grădină", "A"], suprafata=["400", "mult", "400"])
    report = rejected(with_uats, "cadastre.parcel", frame)
    assert (report.rejected_rows, report.rejected_count) == (1, 2)
    assert "rejected 1, warnings" in report.text()
    report = rejected(with_uats, "cadastre.parcel", samples.parcels(40, 40, categorie="?", suprafata="mult"))
    assert (report.rejected_rows, report.rejected_count) == (1_600, 3_200)


def test_fields_that_are_not_used_are_named(with_uats: Import) -> None:
    report = with_uats("cadastre.parcel", samples.parcels(2, observatii="", proprietar="x"))
    assert report.unused_fields == ["observatii", "proprietar"]
    assert "fields not used observatii, proprietar" in report.text()
    assert with_uats("cadastre.parcel", samples.parcels(2)).unused_fields == []


def test_duplicate_keys_name_both_rows(with_uats: Import) -> None:
    report = rejected(with_uats, "cadastre.parcel", samples.parcels(4, nr_cad=["1", "2", "1", "3"]))
    assert [(r.row, r.column, r.found) for r in report.rejected] == [
        (3, "siruta, cadastral_number", f"siruta {SIRUTA}, cadastral_number 1, as in row 1")
    ]


def test_mixed_geometry_types(with_uats: Import) -> None:
    frame = samples.parcels(3)
    frame.loc[1, "geometry"] = shapely.Point(EAST, NORTH)
    report = rejected(with_uats, "cadastre.parcel", frame)
    assert [(r.row, r.found, r.expected) for r in report.rejected] == [
        (2, "Point", "Polygon or MultiPolygon")
    ]


def test_repairs_are_reported(with_uats: Import, query: Query) -> None:
    frame = samples.parcels(2)
    x, y = EAST, NORTH + 300
    frame.loc[1, "geometry"] = shapely.Polygon(
        [
            (x, y),
            (x + 100, y),
            (x + 100, y + 100),
            (x + 51, y + 100),
            (x + 49, y + 100.5),
            (x + 49, y + 100),
            (x + 51, y + 100.5),
            (x, y + 100.2),
        ]
    )
    report = with_uats("cadastre.parcel", frame)
    assert report.repaired_count == 1
    assert report.repaired[0].row == 2
    assert "repaired row 2: Self-intersection[" in report.text()
    assert query("SELECT bool_and(ST_IsValid(geom)) FROM cadastre.parcel") == [(True,)]


def test_overlaps_and_gaps_are_warned_of(with_uats: Import, query: Query) -> None:
    frame = samples.parcels(5)
    shapes = list(frame.geometry)
    shapes[1] = shapely.box(EAST + 19, NORTH, EAST + 40, NORTH + 20)
    shapes[3] = shapely.box(EAST + 60.4, NORTH, EAST + 80, NORTH + 20)
    report = with_uats("cadastre.parcel", frame.set_geometry(shapes, crs=3844))
    assert report.warnings_by == {"overlap": 1, "gap": 1}
    gap, overlap = sorted(report.warnings, key=lambda warned: warned.kind)
    assert overlap.text == "rows 1 and 2: overlap of 20.00 m²"
    assert overlap.rows == (1, 2)
    assert gap.text == "rows 3 and 4: gap of 0.40 m wide"
    assert gap.x == pytest.approx(EAST + 60.2)
    stored = query(
        "SELECT report->'warnings_by' FROM catalogue.layer_version WHERE layer = 'cadastre.parcel'"
    )
    assert stored == [({"overlap": 1, "gap": 1},)]


def test_outside_its_uat(with_uats: Import) -> None:
    frame = samples.parcels(3)
    shapes = list(frame.geometry)
    shapes[1] = shapely.box(EAST + 4_990, NORTH, EAST + 5_010, NORTH + 20)
    report = with_uats("cadastre.parcel", frame.set_geometry(shapes, crs=3844))
    assert report.warnings[0].kind == "outside_uat"
    assert "row 2: 44.5% lies outside UAT 77812 by more than 1.1 m" in report.warnings[0].text
    shapes[1] = shapely.box(EAST + 8_000, NORTH, EAST + 8_020, NORTH + 20)
    report = rejected(with_uats, "cadastre.parcel", frame.set_geometry(shapes, crs=3844))
    assert [(r.row, r.found) for r in report.rejected] == [(2, "2999 m outside UAT 77812")]


def test_unknown_siruta(with_uats: Import) -> None:
    report = rejected(with_uats, "cadastre.parcel", samples.parcels(2, siruta=[SIRUTA, 77821]))
    assert [(r.row, r.column, r.found, r.expected) for r in report.rejected] == [
        (2, "siruta", "77821", "the SIRUTA code of a UAT in admin.uat (near: 77812)")
    ]


def test_swapped_axes_are_told(with_uats: Import) -> None:
    swapped = samples.parcels(3)
    swapped["geometry"] = shapely.transform(swapped.geometry.values, lambda xy: xy[:, ::-1])
    report = rejected(with_uats, "cadastre.parcel", swapped)
    assert report.rejected_count == 3
    assert (
        "with x and y exchanged, 3 of 3 features outside their UAT would lie inside: the axes look swapped"
        in report.text()
    )


def test_swapped_axes_of_a_layer_without_siruta(with_uats: Import) -> None:
    line = shapely.LineString([(NORTH, EAST), (NORTH + 100, EAST)])
    frame = gpd.GeoDataFrame({"indicativ": ["DJ 663"], "categorie": ["DJ"]}, geometry=[line], crs=3844)
    report = rejected(with_uats, "roads.road", frame)
    assert (
        report.rejected[0].found
        == "all 1 features outside every UAT; with x and y exchanged they would lie inside"
    )


def test_some_features_outside_the_county_are_warned_of(with_uats: Import) -> None:
    lines = [shapely.LineString([(EAST + dx, NORTH), (EAST + dx + 100, NORTH)]) for dx in (0, 40_000)]
    frame = gpd.GeoDataFrame(
        {"indicativ": ["DJ 663", "DN 67"], "categorie": ["DJ", "DN"]}, geometry=lines, crs=3844
    )
    report = with_uats("roads.road", frame)
    assert [(w.kind, w.rows) for w in report.warnings] == [("outside_county", (2,))]
    assert report.coverage == [SIRUTA, 79308]


def test_outside_romania(load: Import) -> None:
    frame = samples.parcels(2).set_crs(32634, allow_override=True)
    report = rejected(load, "cadastre.parcel", frame)
    assert report.rejected[0].expected == "a place in Romania (the coordinates were read as EPSG:32634)"


def test_wrong_crs_suggests_what_would_fit(load: Import, tmp_path: Path) -> None:
    path = tmp_path / "stereo.geojson"
    samples.parcels(2).set_crs(4326, allow_override=True).to_file(path)
    report = rejected(load, "cadastre.parcel", path)
    assert report.rejected_count == 2
    assert "the coordinates fit EPSG:3844: if that is what they are, add --crs EPSG:3844" in report.text()


def test_missing_crs_suggests_what_fits(load: Import, tmp_path: Path) -> None:
    path = tmp_path / "fara.shp"
    samples.parcels(2).to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(
        NoCRS,
        match=r"fara.shp: no coordinate reference system.*fit Romania in EPSG:3844.*add --crs EPSG:3844",
    ):
        load("cadastre.parcel", path)
    assert load("cadastre.parcel", path, crs="EPSG:3844").rows_published == 2
    with pytest.raises(UnknownCRS, match="--crs 'stereo'"):
        load("cadastre.parcel", path, crs="stereo")


def test_missing_crs_elsewhere_suggests_nothing(load: Import, tmp_path: Path) -> None:
    path = tmp_path / "fara.shp"
    frame = samples.parcels(2)
    frame["geometry"] = frame.translate(5_000_000)
    frame.to_file(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(NoCRS, match="fit neither Stereo70"):
        load("cadastre.parcel", path)


def test_deprecated_code_is_the_same_system(load: Import, query: Query) -> None:
    report = load("cadastre.parcel", samples.parcels(1).set_crs(31700, allow_override=True))
    assert (report.crs, report.datum, report.accuracy_m) == ("EPSG:3844", "none", 0.2)
    assert query("SELECT ST_XMin(geom) FROM cadastre.parcel") == [(EAST,)]


def test_without_grid_three_metres_count(load: Import, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VATRA_DATUM_GRID", raising=False)
    report = load("cadastre.parcel", samples.parcels(1).to_crs(4326))
    assert report.datum == "proj"
    assert report.accuracy_m == pytest.approx(np.hypot(0.2, 3.0), abs=1e-4)
    assert query("SELECT datum, accuracy_m FROM catalogue.layer_version") == [("proj", report.accuracy_m)]


@pytest.mark.real_data
def test_with_grid_five_centimetres_count(
    load: Import, monkeypatch: pytest.MonkeyPatch, real_data: Path
) -> None:
    monkeypatch.setenv("VATRA_DATUM_GRID", str(real_data / "transdatro"))
    report = load("cadastre.parcel", samples.parcels(1).to_crs(4326), accuracy_m=0.5)
    assert report.datum == "transdatro"
    assert report.accuracy_m == pytest.approx(np.hypot(0.5, 0.05), abs=1e-4)


def test_empty_layer_and_missing_columns(load: Import) -> None:
    with pytest.raises(EmptyFile, match="no features in the file"):
        load("cadastre.parcel", samples.parcels(3).iloc[:0])
    with pytest.raises(MappingError, match="no field found for cadastral_number"):
        load("cadastre.parcel", samples.parcels(3).drop(columns="nr_cad"))


def test_table_for_a_layer_with_shapes(load: Import, tmp_path: Path) -> None:
    path = tmp_path / "parcele.csv"
    path.write_text("siruta;nr_cad\n77812;30112\n")
    with pytest.raises(EmptyFile, match="has no geometry column"):
        load("cadastre.parcel", path)


def test_uats_are_completed_from_the_register(load: Import, query: Query) -> None:
    frame = samples.uats().drop(columns=["name", "kind", "county"])
    report = load("admin.uat", frame)
    assert query("SELECT siruta, name, kind, county FROM admin.uat ORDER BY 1") == [
        (77812, "Târgu Jiu", "municipiu", "Gorj"),
        (79308, "Bumbești-Jiu", "oras", "Gorj"),
    ]
    assert "kind taken from the SIRUTA register where the file has none" in report.notes
    report = rejected(load, "admin.uat", samples.uats(siruta=[1, 79308]).drop(columns=["name"]))
    assert report.rejected[0].found == "1"


def test_uats_without_outline_are_left_out(load: Import) -> None:
    frame = samples.uats()
    frame.loc[1, "geometry"] = None
    report = load("admin.uat", frame)
    assert (report.rows_read, report.rows_published, report.left_out_count) == (2, 1, 1)
    assert report.coverage == [SIRUTA]
    assert report.warnings[0].text == "row 2 left out: no geometry"


def test_roads_without_measures_get_them(with_uats: Import, query: Query) -> None:
    line = shapely.LineString([(EAST, NORTH), (EAST + 300, NORTH + 400)])
    frame = gpd.GeoDataFrame({"indicativ": ["DJ 663"], "categorie": ["dj"]}, geometry=[line], crs=3844)
    with_uats("roads.road", frame)
    assert query(
        "SELECT number, category, measure_source, ST_M(ST_EndPoint(ST_GeometryN(geom, 1))) FROM roads.road"
    ) == [("DJ 663", "DJ", "computed", 500.0)]
    assert query("SELECT count(*), bool_and(NOT ST_HasArc(geom)) FROM roads.road_piece") == [(1, True)]


def test_pieces_are_small_and_make_up_the_whole(with_uats: Import, query: Query) -> None:
    angles = np.linspace(0, 2 * np.pi, 2_000, endpoint=False)
    lake = shapely.Polygon(np.column_stack([EAST + 900 * np.cos(angles), NORTH + 900 * np.sin(angles)]))
    frame = gpd.GeoDataFrame({"denumire": ["Lacul"], "tip": ["lake"]}, geometry=[lake], crs=3844)
    with_uats("environment.water", frame)
    ((largest, area),) = query(
        "SELECT max(ST_NPoints(geom)), sum(ST_Area(geom)) FROM environment.water_piece"
    )
    assert largest <= 33
    assert area == pytest.approx(lake.area)


def test_zones_that_leave_built_up_area_bare(with_uats: Import) -> None:
    village = gpd.GeoDataFrame(
        {"siruta": [SIRUTA]}, geometry=[shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)], crs=3844
    )
    with_uats("admin.built_up_area", village)
    zone = {"siruta": [SIRUTA], "plan_code": ["PUG-1"], "cod": ["Li"]}
    half = gpd.GeoDataFrame(zone, geometry=[shapely.box(EAST, NORTH, EAST + 60, NORTH + 100)], crs=3844)
    report = with_uats("planning.zone", half)
    assert report.warnings[0].kind == "not_covered"
    assert "m² of admin.built_up_area are in no feature of the file" in report.warnings[0].text
    whole = gpd.GeoDataFrame(
        zone, geometry=[shapely.box(EAST - 5, NORTH - 5, EAST + 105, NORTH + 105)], crs=3844
    )
    assert with_uats("planning.zone", whole).warning_count == 0


def test_scope_fills_in_the_siruta(with_uats: Import, query: Query) -> None:
    report = with_uats("cadastre.parcel", samples.parcels(2).drop(columns="siruta"), scope=SIRUTA)
    assert report.columns["siruta"] == f"= {SIRUTA}"
    assert query("SELECT DISTINCT siruta FROM cadastre.parcel") == [(SIRUTA,)]


def test_scope_refuses_other_uats(with_uats: Import) -> None:
    report = rejected(with_uats, "cadastre.parcel", samples.parcels(2), scope=79308)
    assert report.rejected[0].expected == "79308, the UAT the import is for"


def test_surveyors_list_turned_by_the_outline(with_uats: Import, query: Query, tmp_path: Path) -> None:
    corners = [(372000, 395000), (372020, 395000), (372020, 395020), (372000, 395020)]
    path = tmp_path / "inventar.csv"
    path.write_text("nr_cad;pct;X;Y\n" + "\n".join(f"30112;{i};{x};{y}" for i, (x, y) in enumerate(corners)))
    report = with_uats("cadastre.parcel", path, constants={"siruta": str(SIRUTA)})
    assert "x and y were exchanged: only so the coordinates lie in their UAT" in report.notes
    assert query("SELECT ST_XMin(geom), ST_YMin(geom) FROM cadastre.parcel") == [(372000.0, 395000.0)]


def test_progress_is_told(fresh_database: str, tmp_path: Path) -> None:
    path = tmp_path / "parcele.gpkg"
    samples.parcels(250, 200).to_file(path)
    told: list[tuple[int, int | None]] = []
    import_file(
        "cadastre.parcel",
        path,
        ImportOptions(),
        address=fresh_database,
        progress=lambda *step: told.append(step),
    )
    assert told == [(32_768, 50_000), (50_000, 50_000)]


def written(frame: gpd.GeoDataFrame, path: Path) -> Path:
    """The frame as a file of the kind its name says, its names as a town hall would have them."""
    match path.suffix:
        case ".zip":
            return samples.zipped_shapefile(frame, path, "CP1250")
        case ".parquet":
            frame.to_parquet(path)
        case ".geojson":
            frame.to_crs(4326).to_file(path)
        case ".kml":
            # A placemark's name has a place of its own in KML.
            frame.to_crs(4326).rename(columns={"Denumire": "Name"}).to_file(path, driver="KML")
        case _:
            frame.to_file(path)
    return path


def test_every_format_publishes_the_same(load: Import, query: Query, tmp_path: Path) -> None:
    """From each kind of file the same rows, whatever the spelling of ș and ț; degrees to a decimetre by PROJ."""
    frame = samples.uats(name=["Ştefăneşti", "Țânțăreni"]).rename(columns={"name": "Denumire"})
    kinds = ["gpkg", "fgb", "gml", "parquet", "zip", "geojson", "kml"]
    for number, kind in enumerate(kinds):
        if kind == "zip":
            frame = frame.replace("Țânțăreni", "Ţânţăreni")
        report = load("admin.uat", written(frame, tmp_path / f"uat.{kind}"), valid_from=day(number))
        assert (report.rows_published, report.rejected_count) == (2, 0), kind
        found = query(
            "SELECT siruta, name, kind, ST_XMin(geom), ST_YMin(geom), ST_Area(geom) FROM admin.uat"
            " WHERE valid_to = 'infinity' ORDER BY siruta"
        )
        assert [row[:3] for row in found] == [
            (77812, "Ștefănești", "municipiu"),
            (79308, "Țânțăreni", "oras"),
        ], kind
        expected = [(EAST - 5_000, NORTH - 5_000, 1e8), (EAST + 5_000, NORTH - 5_000, 1e8)]
        for row, (east, north, area) in zip(found, expected, strict=True):
            assert row[3:5] == pytest.approx((east, north), abs=0.1), kind
            assert row[5] == pytest.approx(area, rel=1e-5), kind


def day(number: int) -> datetime.date:
    """So many days after the first of January."""
    return datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
