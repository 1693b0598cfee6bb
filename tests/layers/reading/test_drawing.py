"""DXF drawings: one drawing layer, closed polylines with the texts inside them."""

from __future__ import annotations

from pathlib import Path

import ezdxf
import pytest
import shapely

from layers.reading import Request, open_source
from layers.reading.errors import EmptyFile, NotVector, SeveralLayers
from tests.layers.samples import EAST, NORTH


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    document = ezdxf.new("R2010")
    space = document.modelspace()
    for number, layer in enumerate(("PARCELE", "PARCELE", "ZONE")):
        east = EAST + 30 * number
        ring = [(east, NORTH), (east + 20, NORTH), (east + 20, NORTH + 20), (east, NORTH + 20)]
        space.add_lwpolyline(ring, close=True, dxfattribs={"layer": layer})
        space.add_text(f"301{number}", dxfattribs={"layer": "TEXTE"}).set_placement((east + 5, NORTH + 5))
    space.add_line((EAST, NORTH), (EAST + 100, NORTH), dxfattribs={"layer": "AXE"})
    path = tmp_path / "plan.dxf"
    document.saveas(path)
    return path


def test_polygons_with_their_texts(drawing: Path) -> None:
    source = open_source(drawing, Request("PARCELE", "MultiPolygon"))
    batch = next(source.batches())
    assert source.crs is None
    assert batch.attributes.column("text").to_pylist() == ["3010", "3011"]
    assert shapely.equals(batch.geometries[0], shapely.box(EAST, NORTH, EAST + 20, NORTH + 20))
    assert source.notes == ["2 entities of other layers or kinds were passed over"]


def test_lines(drawing: Path) -> None:
    batch = next(open_source(drawing, Request(None, "MultiLineString")).batches())
    assert batch.geometries[0].length == 100


def test_layers_of_the_drawing_are_listed(drawing: Path) -> None:
    with pytest.raises(SeveralLayers, match="PARCELE, ZONE"):
        open_source(drawing, Request(None, "MultiPolygon"))
    with pytest.raises(SeveralLayers, match="no layer 'UTR'"):
        open_source(drawing, Request("UTR", "MultiPolygon"))


def test_nothing_fits(tmp_path: Path) -> None:
    document = ezdxf.new("R2010")
    document.modelspace().add_line((0, 0), (1, 1))
    document.saveas(tmp_path / "linii.dxf")
    with pytest.raises(EmptyFile, match="no entity fits MultiPolygon; the drawing has 1 LineString"):
        open_source(tmp_path / "linii.dxf", Request(None, "MultiPolygon"))


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_broken_off(drawing: Path, share: float) -> None:
    whole = drawing.read_bytes()
    drawing.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(NotVector, match="broken off: it does not end with EOF"):
        open_source(drawing, Request("PARCELE", "MultiPolygon"))
