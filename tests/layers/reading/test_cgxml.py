"""CGXML: land and buildings come through, persons never do."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from layers.reading import Request, open_source
from layers.reading.errors import EmptyFile, NotVector, SeveralLayers

CONTENT = """<?xml version="1.0" encoding="utf-8"?>
<CGXML>
  <FileDescription><FILENAME>30112.cgxml</FILENAME></FileDescription>
  <Address><ADDRESSID>1</ADDRESSID><SIRUTA>77812</SIRUTA><INTRAVILAN>true</INTRAVILAN></Address>
  <Land><LANDID>7</LANDID><MEASUREDAREA>400</MEASUREDAREA><PARCELLEGALAREA>398</PARCELLEGALAREA>
    <CADGENNO>30112</CADGENNO><E2IDENTIFIER>99</E2IDENTIFIER><PAPERLBNO>1204/Ţicleni</PAPERLBNO></Land>
  <Land><LANDID>8</LANDID><E2IDENTIFIER>30113</E2IDENTIFIER></Land>
  <Parcel><PARCELID>1</PARCELID><LANDID>7</LANDID><MEASUREDAREA>100</MEASUREDAREA><USECATEGORY>A</USECATEGORY></Parcel>
  <Parcel><PARCELID>2</PARCELID><LANDID>7</LANDID><MEASUREDAREA>300</MEASUREDAREA><USECATEGORY>CC</USECATEGORY></Parcel>
  <Building><BUILDINGID>3</BUILDINGID><LANDID>7</LANDID><BUILDNO>C1</BUILDNO><LEVELSNO>2</LEVELSNO></Building>
  <Person><PERSONID>5</PERSONID><FIRSTNAME>SECRET</FIRSTNAME><IDCODE>1700101180011</IDCODE></Person>
  <Deed><DEEDID>5</DEEDID><DEEDNUMBER>SECRET</DEEDNUMBER></Deed>
  <Registration><REGISTRATIONID>5</REGISTRATIONID><COMMENTS>SECRET</COMMENTS></Registration>
  <Points><POINTID>1</POINTID><IMMOVABLEID>7</IMMOVABLEID><NO>2</NO><X>395020</X><Y>372000</Y></Points>
  <Points><POINTID>2</POINTID><IMMOVABLEID>7</IMMOVABLEID><NO>1</NO><X>395000</X><Y>372000</Y></Points>
  <Points><POINTID>3</POINTID><IMMOVABLEID>7</IMMOVABLEID><NO>3</NO><X>395020</X><Y>372020</Y></Points>
  <Points><POINTID>4</POINTID><IMMOVABLEID>7</IMMOVABLEID><NO>4</NO><X>395000</X><Y>372020</Y></Points>
  <Points><POINTID>5</POINTID><BUILDINGID>3</BUILDINGID><IMMOVABLEID>7</IMMOVABLEID><NO>1</NO><X>395005</X><Y>372005</Y></Points>
  <Points><POINTID>6</POINTID><BUILDINGID>3</BUILDINGID><IMMOVABLEID>7</IMMOVABLEID><NO>2</NO><X>395015</X><Y>372005</Y></Points>
  <Points><POINTID>7</POINTID><BUILDINGID>3</BUILDINGID><IMMOVABLEID>7</IMMOVABLEID><NO>3</NO><X>395015</X><Y>372015</Y></Points>
</CGXML>
"""


def written(tmp_path: Path, content: str = CONTENT) -> Path:
    path = tmp_path / "30112.cgxml"
    path.write_text(content, encoding="utf-8")
    return path


def test_land(tmp_path: Path) -> None:
    source = open_source(written(tmp_path), Request(geometry="MultiPolygon", target="cadastre.parcel"))
    batch = next(source.batches())
    record = {name: batch.attributes.column(name).to_pylist()[0] for name in source.fields}
    assert record["SIRUTA"] == "77812"
    assert record["CADGENNO"] == "30112"
    assert record["PAPERLBNO"] == "1204/Țicleni"
    assert record["USECATEGORY"] == "CC"
    assert record["PARCELLEGALAREA"] == "398"
    assert shapely.equals(batch.geometries[0], shapely.box(372000, 395000, 372020, 395020))
    assert batch.attributes.column("CADGENNO").to_pylist()[1] == "30113"
    assert batch.geometries[1] is None


def test_buildings(tmp_path: Path) -> None:
    source = open_source(written(tmp_path), Request(geometry="MultiPolygon", target="cadastre.building"))
    batch = next(source.batches())
    assert batch.attributes.column("BUILDNO").to_pylist() == ["C1"]
    assert batch.attributes.column("CADGENNO").to_pylist() == ["30112"]
    assert batch.geometries[0].area == 50


@pytest.mark.parametrize("layer", ["Land", "Building"])
def test_persons_are_read_past(tmp_path: Path, layer: str) -> None:
    source = open_source(written(tmp_path), Request(layer))
    everything = repr([batch.attributes.to_pylist() for batch in source.batches()]) + repr(source.fields)
    assert "SECRET" not in everything
    assert "1700101180011" not in everything


def test_unknown_part(tmp_path: Path) -> None:
    with pytest.raises(SeveralLayers, match="Land, Building"):
        open_source(written(tmp_path), Request("Person"))


def test_entities_are_refused(tmp_path: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = f"{entities}<CGXML><Land><LANDID>&b;</LANDID></Land></CGXML>"
    with pytest.raises(NotVector, match="damaged or unsafe XML"):
        open_source(written(tmp_path, bomb))


def test_broken_off(tmp_path: Path) -> None:
    with pytest.raises(NotVector, match="damaged or unsafe XML"):
        open_source(written(tmp_path, CONTENT[:900]))


def test_another_root(tmp_path: Path) -> None:
    with pytest.raises(NotVector, match="its root is <html>"):
        open_source(written(tmp_path, "<html></html>"))


def test_without_land(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match="no land"):
        open_source(written(tmp_path, "<CGXML><Person><PERSONID>1</PERSONID></Person></CGXML>"))


def test_point_without_number(tmp_path: Path) -> None:
    with pytest.raises(NotVector, match=r"point 1: found NO 2, X 39502o, Y 372000, expected three numbers"):
        open_source(written(tmp_path, CONTENT.replace("395020</X><Y>372000", "39502o</X><Y>372000")))
