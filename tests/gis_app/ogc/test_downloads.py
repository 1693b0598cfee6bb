"""Whole layers as files, and the catalogue of open data that leads to them."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import geopandas
import pandas
import psycopg
import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.namespace import DCAT, DCTERMS, RDF

from gis_app.ogc import downloads
from layers import states
from layers.catalogue import catalogue, get_layer
from layers.days import today
from tests.gis_app.conftest import bearer

CATALOG = rdflib.URIRef("http://localhost/catalog.jsonld")


@pytest.fixture
def graph(client: FlaskClient) -> rdflib.Graph:
    """The catalogue as triples."""
    read = rdflib.Graph()
    read.parse(data=client.get("/catalog.jsonld").data, format="json-ld")
    return read


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VATRA_HOME", str(tmp_path))


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "csv"])
def test_a_file_holds_what_the_table_holds(client: FlaskClient, county: str, suffix: str) -> None:
    answer = client.get(f"/downloads/heritage.monument.{suffix}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    with psycopg.connect(county) as connection:
        rows = connection.execute(
            "SELECT id, name, ST_AsText(geom, 3) FROM heritage.monument ORDER BY id"
        ).fetchall()
    assert rows
    content = io.BytesIO(answer.data)
    if suffix == "csv":
        frame = pandas.read_csv(content)
        shapes = geopandas.GeoSeries.from_wkt(frame.geometry, crs=3844)
    else:
        frame = geopandas.read_parquet(content) if suffix == "parquet" else geopandas.read_file(content)
        shapes = frame.geometry
    frame = frame.sort_values("feature_id")
    assert frame.feature_id.tolist() == [row[0] for row in rows]
    assert frame.name.tolist() == [row[1] for row in rows]
    wanted = geopandas.GeoSeries.from_wkt([row[2] for row in rows], crs=3844)
    assert shapes.loc[frame.index].reset_index(drop=True).geom_equals_exact(wanted, 0.002).all()
    if suffix != "csv":
        assert frame.crs.to_epsg() == 3844


def test_paths_on_the_servers_disk_are_not_in_it(client: FlaskClient) -> None:
    header = client.get("/downloads/terrain.dem.csv").text.splitlines()[0]
    assert "resolution_m" in header
    assert "path" not in header


def test_who_may_not_see_a_layer_finds_no_file(client: FlaskClient, token: Callable[..., str]) -> None:
    refused = client.get("/downloads/planning.scan.csv")
    assert refused.status_code == 404
    unknown = client.get("/downloads/planning.scna.csv")
    assert refused.json
    assert unknown.json
    assert refused.json["type"] == unknown.json["type"]
    allowed = client.get("/downloads/planning.scan.csv", headers=bearer(token("layers:staff")))
    assert allowed.status_code == 200
    assert allowed.headers["Cache-Control"].startswith("private")


def test_days_and_forms_that_are_none_are_refused(client: FlaskClient) -> None:
    assert client.get("/downloads/roads.road.csv?as_of=yesterday").status_code == 400
    assert client.get("/downloads/roads.road.exe").status_code == 404
    assert client.get("/downloads/..%2f..%2fetc%2fpasswd.csv").status_code == 404


def test_a_day_before_the_first_version_gives_an_empty_file(client: FlaskClient) -> None:
    content = client.get("/downloads/roads.road.csv?as_of=2020-01-01").text
    assert len(content.splitlines()) == 1


def test_days_of_one_version_share_a_file(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VATRA_HOME", str(tmp_path))
    for day in ("2026-02-01", "2026-03-01", "2199-12-31", "1990-01-01", "1990-01-02"):
        answer = client.get(f"/downloads/roads.road.csv?as_of={day}")
        assert answer.status_code == 200
        assert f"roads.road-{day}.csv" in answer.headers["Content-Disposition"]
    assert len([*(tmp_path / "downloads").glob("roads.road-*.csv")]) == 2, "a full one and an empty one"


def test_an_unchanged_file_is_not_sent_twice_and_can_be_resumed(client: FlaskClient) -> None:
    first = client.get("/downloads/roads.road.gpkg")
    again = client.get("/downloads/roads.road.gpkg", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    part = client.get("/downloads/roads.road.gpkg", headers={"Range": "bytes=0-15"})
    assert part.status_code == 206
    assert part.data == first.data[:16]


def test_a_county_filled_anew_gets_new_files(settings: None, county: str, tmp_path: Path) -> None:
    layer, folder = get_layer("roads.structure"), tmp_path / "downloads"
    filled_later = "UPDATE catalogue.layer_version SET published_at = published_at + %s WHERE layer = %s"
    before = downloads.whole_file(layer, "csv", today(), folder)
    with psycopg.connect(county, autocommit=True) as connection:
        connection.execute(filled_later, [timedelta(seconds=1), layer.id])
        states.forget()
        after = downloads.whole_file(layer, "csv", today(), folder)
        connection.execute(filled_later, [timedelta(seconds=-1), layer.id])
    states.forget()
    assert after != before
    assert [*folder.glob("roads.structure*")] == [after]


def test_many_at_once_wait_for_one_file(settings: None, tmp_path: Path) -> None:
    paths: list[Path] = []
    folder = tmp_path / "downloads"
    threads = [
        threading.Thread(
            target=lambda: paths.append(downloads.whole_file(get_layer("roads.road"), "csv", today(), folder))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 6
    assert [path.name for path in folder.glob("roads.road*")] == [paths[0].name]


def test_the_catalogue_lists_every_open_layer_and_no_other(
    graph: rdflib.Graph, client: FlaskClient, token: Callable[..., str]
) -> None:
    found = {str(name) for name in graph.objects(None, DCTERMS.identifier)}
    assert found == {
        f"urn:vatra:layer:{layer.id}" for layer in catalogue().values() if layer.visibility == "public"
    }
    staff = client.get("/catalog.jsonld", headers=bearer(token("layers:staff")))
    assert b"planning.scan" not in staff.data


def test_it_has_what_dcat_ap_demands(graph: rdflib.Graph) -> None:
    for name in (DCTERMS.title, DCTERMS.description, DCTERMS.publisher):
        assert graph.value(CATALOG, name), name
    for dataset in graph.subjects(RDF.type, DCAT.Dataset):
        for name in (
            DCTERMS.title,
            DCTERMS.description,
            DCAT.contactPoint,
            DCAT.theme,
            DCTERMS.spatial,
            DCAT.keyword,
        ):
            assert graph.value(dataset, name), (dataset, name)
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        for name in (DCAT.accessURL, DCTERMS.license, DCTERMS["format"], DCAT.mediaType):
            assert graph.value(distribution, name), (distribution, name)
    for service in graph.subjects(RDF.type, DCAT.DataService):
        assert graph.value(service, DCAT.endpointURL)
        assert graph.value(service, DCAT.servesDataset)


def test_every_address_it_gives_leads_somewhere(graph: rdflib.Graph, client: FlaskClient) -> None:
    wanted = {
        str(address)
        for name in (DCAT.downloadURL, DCAT.endpointDescription, DCAT.landingPage)
        for address in graph.objects(None, name)
    }
    assert len(wanted) > 90
    kinds = {address.rpartition(".")[2] for address in wanted if "/downloads/" in address}
    assert kinds == {"gpkg", "parquet", "csv"}
    small = [address for address in wanted if "/downloads/" not in address or "heritage" in address]
    for address in small:
        assert client.get(address).status_code == 200, address
