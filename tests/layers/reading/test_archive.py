"""Archives are looked at before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from layers.reading import archive, open_source
from layers.reading.errors import EmptyFile, HostileArchive, NotVector, SeveralLayers
from tests.layers import samples


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = packed(tmp_path / "bomb.zip", **{"parcele.shp": bytes(50_000_000)})
    with pytest.raises(
        HostileArchive, match=r"bomb.zip: 'parcele.shp' would unpack to 50,000,000 bytes, [\d,]+ times"
    ):
        open_source(bomb)


def test_nested_bomb_holds_no_geodata(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.shp", bytes(1_000_000))
    outer = packed(tmp_path / "outer.zip", **{"inner.zip": inner.getvalue()})
    with pytest.raises(NotVector, match="no geodata in the zip file"):
        open_source(outer)


def test_too_many_members(tmp_path: Path) -> None:
    path = packed(tmp_path / "many.zip", **{f"f{i}.txt": b"" for i in range(archive.MAX_MEMBERS + 1)})
    with pytest.raises(HostileArchive, match="2001 members"):
        open_source(path)


@pytest.mark.parametrize("name", ["../../etc/parcele.shp", "/etc/parcele.shp"])
def test_member_outside(tmp_path: Path, name: str) -> None:
    with pytest.raises(HostileArchive, match="points outside"):
        open_source(packed(tmp_path / "out.zip", **{name: b"x"}))


def test_empty_archive(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="the zip file is empty"):
        open_source(packed(tmp_path / "none.zip"))


def test_one_of_several_is_named(tmp_path: Path) -> None:
    for name in ("parcele", "cladiri"):
        samples.parcels().to_file(tmp_path / f"{name}.geojson")
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name in ("parcele", "cladiri"):
            file.write(tmp_path / f"{name}.geojson", f"date/{name}.geojson")
    with pytest.raises(SeveralLayers, match="parcele, cladiri"):
        open_source(path)
    from layers.reading import Request

    assert open_source(path, Request("cladiri")).count == 3
