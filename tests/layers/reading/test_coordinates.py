"""Surveyors' lists: X is north, several parcels, whatever the delimiter, the comma and the title lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layers.reading import Batch, Request, Source, open_source
from layers.reading.errors import EmptyFile, NotVector

# Two squares beside each other, as X (north), Y (east).
FIRST = [(395000, 372000), (395020, 372000), (395020, 372020), (395000, 372020)]
SECOND = [(395000, 372020), (395020, 372020), (395020, 372050), (395000, 372050)]
EXPECTED = shapely.box(372000, 395000, 372020, 395020)


def opened(
    tmp_path: Path, text: str, geometry: str = "MultiPolygon", name: str = "lista.txt"
) -> tuple[Source, Batch]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    source = open_source(path, Request(geometry=geometry))
    batches = list(source.batches())
    assert len(batches) == 1
    return source, batches[0]


def column(batch: Batch, name: str) -> list[object]:
    return list(batch.attributes.column(name).to_pylist())


@pytest.mark.parametrize("delimiter", [" ", "\t", ";", ","])
def test_bare_list(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(
        delimiter.join(map(str, (i, f"{x}.000", f"{y}.000"))) for i, (x, y) in enumerate(FIRST, 1)
    )
    source, batch = opened(tmp_path, text)
    assert source.crs is not None
    assert source.crs.to_epsg() == 3844
    assert source.habitual_axes
    assert "X north" in source.notes[0]
    assert shapely.equals(batch.geometries[0], EXPECTED)


def test_decimal_comma_and_heights(tmp_path: Path) -> None:
    text = "\n".join(f"{i};{x},250;{y},500;212,33" for i, (x, y) in enumerate(FIRST, 1))
    _, batch = opened(tmp_path, text)
    assert batch.geometries[0].bounds == pytest.approx((372000.5, 395000.25, 372020.5, 395020.25))


def test_parcels_by_title_lines(tmp_path: Path) -> None:
    lines = ["INVENTAR DE COORDONATE", "Sistem de proiecție Stereografic 1970", "", "Imobil nr. cad. 30112"]
    lines += ["Nr. pct.  X [m]  Y [m]"] + [f"{i} {x} {y}" for i, (x, y) in enumerate(FIRST, 1)]
    lines += ["", "Imobil nr. cad. 30113"] + [f"{i} {x} {y}" for i, (x, y) in enumerate(SECOND, 5)]
    _, batch = opened(tmp_path, "\n".join(lines))
    assert column(batch, "nr_cad") == ["30112", "30113"]
    assert shapely.area(batch.geometries).tolist() == [400.0, 600.0]


def test_parcels_by_column(tmp_path: Path) -> None:
    rows = [("A1", p) for p in FIRST] + [("B2", p) for p in SECOND]
    text = "Nr. cadastral;Nr. punct;X;Y;Tarla\n" + "\n".join(
        f"{parcel};{i};{x};{y};T7" for i, (parcel, (x, y)) in enumerate(rows, 1)
    )
    _, batch = opened(tmp_path, text, name="lista.csv")
    assert column(batch, "nr_cad") == ["A1", "B2"]
    assert column(batch, "Tarla") == ["T7", "T7"]
    assert shapely.equals(batch.geometries[0], EXPECTED)


def test_closing_point_and_hole(tmp_path: Path) -> None:
    hole = [(395005, 372005), (395005, 372010), (395010, 372010)]
    points = [*enumerate(FIRST, 1), (1, FIRST[0]), *enumerate(hole, 11), (11, hole[0])]
    _, batch = opened(tmp_path, "\n".join(f"{i} {x} {y}" for i, (x, y) in points))
    assert batch.geometries[0].area == pytest.approx(400 - 12.5)
    assert len(batch.geometries[0].interiors) == 1


def test_named_axes_are_no_habit(tmp_path: Path) -> None:
    text = "Est;Nord\n" + "\n".join(f"{y};{x}" for x, y in FIRST)
    source, batch = opened(tmp_path, text, name="lista.csv")
    assert not source.habitual_axes
    assert shapely.equals(batch.geometries[0], EXPECTED)


def test_points_with_degrees(tmp_path: Path) -> None:
    text = "strada,numar,lat,lon\nȘcolii,12,45.03,23.27\nȚarinei,,45.04,\n"
    source, batch = opened(tmp_path, text, "Point", "adrese.csv")
    assert source.crs is not None
    assert source.crs.to_epsg() == 4326
    assert source.fields == ("strada", "numar")
    assert batch.geometries[0].coords[0] == (23.27, 45.03)
    assert batch.geometries[1] is None
    assert batch.rows.tolist() == [2, 3]
    assert column(batch, "strada") == ["Școlii", "Țarinei"]


def test_cp1250_text(tmp_path: Path) -> None:
    path = tmp_path / "adrese.csv"
    path.write_bytes("strada;X;Y\nŞcolii;395000;372000\n".encode("cp1250"))
    source = open_source(path, Request(geometry="Point"))
    assert next(source.batches()).attributes.column("strada").to_pylist() == ["Școlii"]


def test_table_without_geometry(tmp_path: Path) -> None:
    text = 'plan;art;text\nPUG-1;4;"Parcela minimă: 300 m²; front 12 m"\n'
    source, batch = opened(tmp_path, text, name="regulament.csv")
    assert not source.has_geometry
    assert column(batch, "text") == ["Parcela minimă: 300 m²; front 12 m"]


def test_wkt_column(tmp_path: Path) -> None:
    text = f"nr_cad;wkt\n1;{EXPECTED.wkt}\n2;POLYGON((\n"
    source, batch = opened(tmp_path, text, name="parcele.csv")
    assert source.crs is None
    assert shapely.equals(batch.geometries[0], EXPECTED)
    assert batch.geometries[1] is None


def test_line_list(tmp_path: Path) -> None:
    _, batch = opened(
        tmp_path, "\n".join(f"{i} {x} {y}" for i, (x, y) in enumerate(FIRST, 1)), "MultiLineString"
    )
    assert batch.geometries[0].length == 60


def test_bad_number_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(NotVector, match=r"line 2: found '2 39502o 372000', expected point number, X, Y"):
        opened(tmp_path, "1 395000 372000\n2 39502o 372000\n3 395020 372020\n")


def test_list_without_coordinates(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="no coordinates"):
        opened(tmp_path, "Nr;X;Y\n", name="lista.csv")


def test_elsewhere_has_no_crs(tmp_path: Path) -> None:
    source, _ = opened(tmp_path, "1 10 20\n2 30 40\n3 50 10\n")
    assert source.crs is None


def test_many_points_are_streamed(tmp_path: Path) -> None:
    path = tmp_path / "puncte.csv"
    path.write_text("nr;X;Y\n" + "\n".join(f"{i};{395000 + i};{372000 + i}" for i in range(40_000)))
    batches = list(open_source(path, Request(geometry="Point")).batches())
    assert [len(batch.rows) for batch in batches] == [32_768, 7_232]
    assert (np.concatenate([batch.rows for batch in batches]) == np.arange(2, 40_002)).all()
