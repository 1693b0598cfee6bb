"""The county as a whole: repeatable, of the catalogue's columns, tiled, covered."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from layers.catalogue import Layer, catalogue
from layers.demo import BIG, County, Features, make_county
from layers.demo.cadastre import make_part
from layers.demo.ground import make_ground, quotas
from tests.layers.demo.checks import of_place, overlaps
from tests.layers.demo.conftest import PARCELS, SEED

Parts = list[dict[str, Features]]
STEREO70_BOUNDS = shapely.box(134_000, 235_000, 883_000, 753_000)
GEOMETRY = {
    "Point": {"Point"},
    "MultiPolygon": {"MultiPolygon"},
    "MultiLineString": {"MultiLineString"},
    "MultiLineStringM": {"MultiLineString"},
    "Geometry": {"Point", "Polygon", "LineString", "MultiPolygon", "MultiLineString"},
}


def every_table(county: County, parts: Parts) -> list[tuple[Layer, Features]]:
    tables = [(catalogue()[layer_id], table) for layer_id, table in county.tables.items()]
    return tables + [(catalogue()[layer_id], part[layer_id]) for part in parts for layer_id in BIG]


def test_the_same_seed_gives_the_same_county(county: County, county_folder) -> None:
    assert make_county(PARCELS, SEED, county_folder).digest() == county.digest()


def test_exactly_as_many_parcels_as_asked_for(parts: Parts) -> None:
    assert sum(len(part["cadastre.parcel"]) for part in parts) == PARCELS


def test_too_small_a_county_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1000"):
        make_county(999)


@pytest.mark.parametrize("parcels", [1_000, 20_000, 300_000, 3_000_000])
def test_quotas_add_up(parcels: int) -> None:
    kinds = ["municipiu", *["oras"] * 4, *["comuna"] * 55]
    shares = quotas(parcels, kinds, np.linspace(2e7, 9e7, 60))
    assert shares.sum() == parcels
    assert shares.min() > 0


def test_every_layer_of_the_catalogue_is_made_but_pictures(county: County) -> None:
    given = {layer.id for layer in catalogue().values() if not layer.derived}
    assert set(county.tables) | set(BIG) == given - {"imagery.orthophoto", "planning.scan"}
    assert set(county.coverage) == set(county.tables) | set(BIG)


def test_columns_and_values_are_the_catalogues(county: County, parts: Parts) -> None:
    for layer, table in every_table(county, parts):
        assert list(table.columns) == [column.name for column in layer.columns], layer.id
        for column in layer.columns:
            values = [value for value in table.columns[column.name].tolist() if value is not None]
            if column.required:
                assert len(values) == len(table), (layer.id, column.name)
            if column.values:
                assert set(values) <= set(column.values), (layer.id, column.name)


def test_keys_are_unique(county: County, parts: Parts) -> None:
    keyed = [(layer, table) for layer, table in every_table(county, parts) if layer.key]
    for layer, table in keyed:
        keys = list(zip(*(table.columns[name].tolist() for name in layer.key), strict=True))
        assert len(set(keys)) == len(keys), layer.id


def test_shapes_are_valid_of_the_right_type_and_in_place(county: County, parts: Parts) -> None:
    for layer, table in every_table(county, parts):
        if layer.geometry is None:
            assert table.geometry is None
        elif len(table):
            assert {shape.geom_type for shape in table.shapes} <= GEOMETRY[layer.geometry], layer.id
            assert shapely.is_valid(table.shapes).all(), layer.id
            assert not shapely.is_empty(table.shapes).any(), layer.id
            assert STEREO70_BOUNDS.contains(shapely.box(*shapely.total_bounds(table.shapes))), layer.id


def test_communes_tile_the_county(county: County) -> None:
    uats = county.tables["admin.uat"].shapes
    assert len(uats) == 60
    whole = shapely.union_all(uats)
    assert shapely.area(uats).sum() == pytest.approx(whole.area, abs=0.01)
    assert len(shapely.get_parts(whole)) == 1
    assert all(not shape.interiors for shape in shapely.get_parts(whole))
    assert shapely.coverage_is_valid(uats)


def test_parcels_do_not_overlap(parts: Parts) -> None:
    for part in parts:
        shared = overlaps(part["cadastre.parcel"])
        assert shared.max(initial=0.0) < 0.01


def test_parcels_lie_in_their_commune_but_for_the_one_across_a_border(county: County, parts: Parts) -> None:
    outside = []
    for place, part in zip(county.places, parts, strict=True):
        table = part["cadastre.parcel"]
        out = shapely.area(shapely.difference(table.shapes, place.land)) > 0.01
        outside += [(place.siruta, number) for number in table.columns["cadastral_number"][out]]
    case = county.hard_cases["two_communes"]
    assert outside == [(case.siruta, case.cadastral_number)]


def test_buildings_lie_on_their_parcels(parts: Parts) -> None:
    for part in parts:
        parcels, buildings = part["cadastre.parcel"], part["cadastre.building"]
        land = dict(zip(parcels.columns["cadastral_number"], parcels.shapes, strict=True))
        under = np.array([land[number] for number in buildings.columns["cadastral_number"]], dtype=object)
        assert shapely.area(shapely.difference(buildings.shapes, under)).max() < 0.01
        assert overlaps(buildings).max(initial=0.0) < 0.01


def test_house_numbers_do_not_repeat_in_a_street(parts: Parts) -> None:
    for part in parts:
        columns = part["admin.address"].columns
        addresses = list(zip(columns["postcode"], columns["street"], columns["number"], strict=True))
        assert len(set(addresses)) == len(addresses)


def test_texts_are_romanian_without_cedillas(county: County) -> None:
    for table in county.tables.values():
        for values in table.columns.values():
            for value in values.tolist():
                assert not (isinstance(value, str) and re.search("[şţŞŢ]", value)), value


def test_the_silent_commune_has_no_networks(county: County) -> None:
    silent = county.hard_cases["no_utilities"].siruta
    for layer_id, covered in county.coverage.items():
        assert (silent in covered) != layer_id.startswith("utilities."), layer_id
    land = of_place(county.tables["admin.uat"], silent).shapes[0]
    for layer_id in ("utilities.line", "utilities.node"):
        inside = shapely.intersection(county.tables[layer_id].shapes, land.buffer(-0.01))
        assert shapely.is_empty(inside).all()


def test_every_voltage_and_network_is_there(county: County) -> None:
    columns = county.tables["utilities.line"].columns
    assert set(columns["network"]) == {"electricity", "gas", "water", "sewer", "heat", "telecom"}
    power = columns["network"] == "electricity"
    assert {
        (kv, how) for kv, how in zip(columns["voltage_kv"][power], columns["placement"][power], strict=True)
    } == {
        (400.0, "overhead"),
        (220.0, "overhead"),
        (110.0, "overhead"),
        (20.0, "overhead"),
        (20.0, "underground"),
        (0.4, "overhead"),
        (0.4, "underground"),
    }
    assert {"transport", "medium", "reduced", "low"} <= set(columns["pressure"])
    sewers = columns["network"] == "sewer"
    assert all(columns["condition"][sewers])
    assert all(columns["capacity"][sewers])


def test_another_seed_gives_another_county_and_dense_places_have_no_overlaps_either(county: County) -> None:
    """In a county of 300,000 parcels villages have streets behind streets: a case of its own."""
    dense = make_ground(SEED + 1, 300_000)
    assert not shapely.equals(dense.territory.outline, county.ground.territory.outline)
    for place in (dense.places[0], dense.places[9], dense.places[30]):
        part = make_part(place, SEED + 1, [], [])
        assert len(part["cadastre.parcel"]) == place.quota
        assert shapely.is_valid(part["cadastre.parcel"].shapes).all()
        assert overlaps(part["cadastre.parcel"]).max(initial=0.0) < 0.01
        assert overlaps(part["cadastre.building"]).max(initial=0.0) < 0.01
