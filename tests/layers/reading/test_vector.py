"""Every vector format gives the same features, with its CRS and Romanian letters intact."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.compute as pc
import pytest
import shapely

from layers.reading import Request, open_source
from layers.reading.errors import EmptyFile, NoSuchFile, NotVector, SeveralLayers
from layers.reading.text import normalise_array
from tests.layers import samples

NAMES = ["Țicleni", "Bâlteni – Șatra", "Ștefănești"]
CEDILLA = ["Ţicleni", "Bâlteni – Şatra", "Ştefăneşti"]


def frame(names: list[str] = NAMES) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"denumire": names, "numar": [1, 2, 3]}, geometry=samples.squares(3), crs="EPSG:3844"
    )


def content(path: Path, layer: str | None = None) -> tuple[list[str], np.ndarray, int | None]:
    """Names, shapes and EPSG code as read, batches put together."""
    source = open_source(path, Request(layer))
    batches = list(source.batches())
    field = next(name for name in source.fields if name.lower() in ("denumire", "name"))
    names = [name for batch in batches for name in batch.attributes.column(field).to_pylist()]
    shapes = np.concatenate([batch.geometries for batch in batches])
    return names, shapes, source.crs.to_epsg() if source.crs else None


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".gml", ".fgb", ".parquet"])
def test_formats_keep_features_and_crs(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"zone{suffix}"
    if suffix == ".parquet":
        frame().to_parquet(path)
    else:
        frame().to_file(path)
    names, shapes, code = content(path)
    order = np.argsort(names)
    assert sorted(names) == sorted(NAMES)
    assert code == 3844
    expected = samples.squares(3)[np.argsort(NAMES)]
    assert shapely.equals(shapely.force_2d(shapes[order]), expected).all()


@pytest.mark.parametrize("suffix", [".geojson", ".kml"])
def test_formats_of_the_web_are_wgs84(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"zone{suffix}"
    frame().to_crs(4326).rename(columns={"denumire": "Name"}).to_file(
        path, driver={".kml": "KML", ".geojson": "GeoJSON"}[suffix]
    )
    names, shapes, code = content(path)
    assert (sorted(names), len(shapes), code) == (sorted(NAMES), 3, 4326)


def test_topojson_has_no_crs(tmp_path: Path) -> None:
    path = tmp_path / "uat.topojson"
    ring = [[0, 0], [100, 0], [0, 100], [-100, 0], [0, -100]]
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.001, 0.001], "translate": [23.2, 45.0]},
        "arcs": [ring],
        "objects": {
            "uat": {
                "type": "GeometryCollection",
                "geometries": [{"type": "Polygon", "arcs": [[0]], "properties": {"name": "Ţicleni"}}],
            }
        },
    }
    path.write_text(json.dumps(topology))
    names, shapes, code = content(path)
    assert code is None
    assert names == ["Ţicleni"]
    assert shapes[0].bounds == pytest.approx((23.2, 45.0, 23.3, 45.1))


@pytest.mark.parametrize("encoding", ["UTF-8", "CP1250"])
def test_zipped_shapefile_with_cpg(tmp_path: Path, encoding: str) -> None:
    written = NAMES if encoding == "UTF-8" else CEDILLA
    path = samples.zipped_shapefile(frame(written), tmp_path / "zone.zip", encoding)
    names, shapes, code = content(path)
    assert names == written
    assert (len(shapes), code) == (3, 3844)


@pytest.mark.parametrize(("encoding", "written"), [("UTF-8", NAMES), ("CP1250", CEDILLA)])
def test_shapefile_without_cpg(tmp_path: Path, encoding: str, written: list[str]) -> None:
    path = tmp_path / "zone.shp"
    frame(written).to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = 0
    path.with_suffix(".dbf").write_bytes(dbf)
    assert content(path)[0] == written


@pytest.mark.parametrize("name", ["1250", "CP1250", "ANSI 1250", "windows-1250", "Windows_1250"])
@pytest.mark.parametrize("suffix", [".shp", ".zip"])
def test_names_of_the_code_page(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / "zone.shp"
    frame(CEDILLA).to_file(path, encoding="CP1250")
    path.with_suffix(".cpg").write_text(f"{name}\n")
    if suffix == ".zip":
        path = packed_as_it_is(path)
    assert content(path)[0] == CEDILLA


def test_cpg_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "zone.shp"
    frame(CEDILLA).to_file(path, encoding="CP1250")
    path.with_suffix(".cpg").write_text("UTF-8")
    assert content(path)[0] == CEDILLA
    assert open_source(path).notes == ["its .cpg says UTF-8, but its texts are CP1250"]


def packed_as_it_is(path: Path) -> Path:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part != target:
                archive.write(part, f"predare/{part.name}")
    return target


def test_cedillas_become_commas() -> None:
    import pyarrow as pa

    given = pa.array([*CEDILLA, "  ", None, " ŞŢşţ "])
    assert normalise_array(given).to_pylist() == [*NAMES, None, None, "ȘȚșț"]
    assert pc.all(pc.equal(normalise_array(pa.array(NAMES)), pa.array(NAMES))).as_py()


def test_double_stereo_without_code_is_stereo70(tmp_path: Path) -> None:
    path = samples.zipped_shapefile(frame(), tmp_path / "zone.zip", prj=samples.ROMANIA_DOUBLE_STEREO)
    assert content(path)[2] == 3844


def test_rows_are_numbered_through_all_batches(tmp_path: Path) -> None:
    path = tmp_path / "many.gpkg"
    points = shapely.points(samples.EAST + np.arange(70_000), samples.NORTH)
    gpd.GeoDataFrame({"n": np.arange(70_000)}, geometry=points, crs=3844).to_file(path)
    source = open_source(path)
    batches = list(source.read_ahead())
    rows = np.concatenate([batch.rows for batch in batches])
    assert len(batches) > 2
    assert source.count == 70_000
    assert (rows == np.arange(1, 70_001)).all()
    assert (np.concatenate([b.attributes.column("n").to_numpy() for b in batches]) == rows - 1).all()


def test_several_layers_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "plan.gpkg"
    frame().to_file(path, layer="zone")
    frame().to_file(path, layer="intravilan")
    with pytest.raises(SeveralLayers, match=r"plan.gpkg: several layers.*--source-layer: zone, intravilan"):
        open_source(path)
    with pytest.raises(SeveralLayers, match=r"no layer 'utr' in the file"):
        open_source(path, Request("utr"))
    assert content(path, "intravilan")[0] == NAMES


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"nowhere.gpkg: no such file"):
        open_source(tmp_path / "nowhere.gpkg")
    with pytest.raises(NoSuchFile, match="is a folder"):
        open_source(tmp_path)


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".zip", ".dxf", ".csv", ".cgxml"]
)
def test_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"empty{suffix}"
    path.touch()
    with pytest.raises(EmptyFile, match="0 bytes"):
        open_source(path)


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".zip", ".dxf", ".gml", ".pbf"]
)
def test_not_a_vector_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(np.random.default_rng(1).bytes(20_000))
    with pytest.raises(NotVector, match=f"noise{suffix}"):
        list(open_source(path).batches())


def test_a_picture_is_not_a_vector_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    with pytest.raises(NotVector, match="not a vector file"):
        open_source(path)


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".gml", ".zip"])
@pytest.mark.parametrize("share", [0.6, 0.97])
def test_truncated_file(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"cut{suffix}"
    many = samples.parcels(60, 60)
    if suffix == ".parquet":
        many.to_parquet(path)
    elif suffix == ".zip":
        samples.zipped_shapefile(many, path)
    else:
        many.to_file(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(NotVector, match=f"cut{suffix}"):
        list(open_source(path).batches())
