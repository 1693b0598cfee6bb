"""The map page as it is served: words, policy, layers by caller, built files, shapes to light."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from analysis.findings import CheckReport, NotChecked
from gis_app import pages
from gis_app.map import assets
from gis_app.map.texts import texts
from tests.gis_app.conftest import PARCEL, bearer
from tiles.raster.looks import TERRAIN

SOURCES = Path(assets.__file__).with_name("frontend") / "src"
TEMPLATES = Path(assets.__file__).with_name("templates")


def script_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', text, re.DOTALL)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


@pytest.mark.parametrize(("path", "language"), [("/map", "ro"), ("/hu/map", "hu"), ("/en/map", "en")])
def test_the_page_in_each_language(client: FlaskClient, path: str, language: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert script_of(answer.text)["language"] == language


def test_the_policy_allows_our_own_script_and_nothing_inline(client: FlaskClient) -> None:
    answer = client.get("/map")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    for attributes in re.findall(r"<script([^>]*)>", answer.text):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r"\son\w+=|style=", answer.text)
    assert not re.search(r"""(src|href)=["']https?://(?!localhost/)""", answer.text)


def test_every_word_that_is_used_is_there_and_every_other_is_not() -> None:
    sources = [
        *SOURCES.glob("*.ts"),
        *TEMPLATES.glob("map/*.html"),
        *Path(assets.__file__).parent.glob("*.py"),
        Path(pages.__file__).with_name("templates") / "base.html",
    ]
    written = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    # "kind." + a value, as in t(`kind.${…}`) or t['tool.' ~ name].
    families = set(re.findall(r"""[`'"]([a-z.]+\.)(?:\$\{|'\s*~|\{)""", written))
    for name in texts("ro"):
        assert f'"{name}"' in written or f"'{name}'" in written or any(map(name.startswith, families)), name
    for name in re.findall(r"""\bt\(["']([a-z.]+)["']""", written) + re.findall(
        r"""\bt\[["']([a-z.]+)["']\]""", written
    ):
        assert name in texts("ro"), name


def test_words_are_there_for_every_code_of_a_report() -> None:
    reasons = NotChecked.model_fields["reason"].annotation
    assert reasons is not None
    for reason in reasons.__args__:
        assert f"reason.{reason}" in texts("ro")
    assert {"issuer.mayor", "issuer.county_council_president"} <= set(texts("ro"))
    assert CheckReport.model_fields["competence"]


def test_internal_layers_are_in_the_page_of_staff_only(
    client: FlaskClient, token: Callable[..., str]
) -> None:
    everybody = client.get("/map").text
    assert "planning.scan" not in everybody
    staff = client.get("/map", headers=bearer(token("layers:staff"))).text
    assert 'data-layer="planning.scan"' in staff
    assert ["planning.scan", "default"] in script_of(staff)["order"]


def test_what_opens_with_the_page_is_the_theme_that_the_cache_has(client: FlaskClient) -> None:
    page = script_of(client.get("/map").text)
    (cached,) = [
        one for one in client.get("/wmts/layers.json").get_json()["layers"] if one["id"] == page["theme"]
    ]
    assert {layer["id"] for layer in page["layers"] if layer["shown"]} == set(cached["layers"])


def test_rasters_are_pictures_and_not_the_outlines_of_files(client: FlaskClient) -> None:
    page = script_of(client.get("/map").text)
    assert not {"terrain.dem", "imagery.orthophoto"} & {layer for layer, _ in page["order"]}
    looks = [layer for layer in page["layers"] if layer["address"]]
    # There is no orthophoto in this county.
    assert [layer["id"] for layer in looks] == [f"terrain.dem:{look}" for look in TERRAIN]
    for layer in looks:
        told = client.get(f"/raster/terrain.dem.json?look={layer['id'].partition(':')[2]}").get_json()
        assert told["tiles"][0].endswith(layer["address"])
        assert told["maxzoom"] == layer["deepest"]


def test_built_files_come_compressed_and_are_kept(client: FlaskClient) -> None:
    built = assets.assets()
    for name, kind in ((built.script, "text/javascript"), (built.style, "text/css")):
        plain = client.get(f"/map/static/{name}")
        packed = client.get(f"/map/static/{name}", headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["Content-Encoding"] == "br"
        assert len(packed.data) < len(plain.data) / 2
        for answer in (plain, packed):
            assert answer.mimetype == kind
            assert "immutable" in answer.headers["Cache-Control"]
            assert "Accept-Encoding" in answer.headers["Vary"]


def test_the_script_says_whose_work_is_in_it(client: FlaskClient) -> None:
    script = client.get(f"/map/static/{assets.assets().script}").text
    told = client.get(f"/map/static/{assets.LICENCES}")
    assert f"/map/static/{assets.LICENCES}" in script.partition("\n")[0]
    assert told.mimetype == "text/plain"
    assert "immutable" not in told.headers["Cache-Control"]
    bundled = json.loads((SOURCES.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name in bundled:
        assert f"## {name} - " in told.text
    assert "Copyright" in told.text


@pytest.mark.parametrize("name", ["manifest.json", "built/none.js", "built/../manifest.json", "../page.py"])
def test_nothing_but_built_files_is_sent(client: FlaskClient, name: str) -> None:
    assert client.get(f"/map/static/{name}").status_code == 404


def test_an_unbuilt_page_says_so(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "manifest.json")
    answer = client.get("/map", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"


def test_shapes_of_what_a_report_names(client: FlaskClient) -> None:
    report = client.post("/api/v1/checks", json={"parcel": PARCEL}).get_json()
    named = [one["feature"] for one in report["findings"] if one["feature"] and one["geometry"] is None]
    assert named
    x, y = report["subject"]["geometry"]["coordinates"][0][0][0]
    query = {
        "f": [f"{one['layer']}:{one['id']}" for one in named],
        "bbox": f"{x - 300},{y - 300},{x + 300},{y + 300}",
    }
    found = client.get("/map/shapes", query_string=query).get_json()["features"]
    assert {one["id"] for one in found} == set(query["f"])
    for one in found:
        for east, north in _points(one["geometry"]["coordinates"]):
            assert abs(east - x) <= 300.01
            assert abs(north - y) <= 300.01


def test_shapes_of_hidden_layers_are_not_shown(client: FlaskClient, token: Callable[..., str]) -> None:
    query = {"f": ["planning.scan:1", "nothing.here:1"], "bbox": "0,0,1000000,1000000"}
    assert client.get("/map/shapes", query_string=query).get_json()["features"] == []


@pytest.mark.parametrize(
    "query",
    ["", "f=roads.road:1", "bbox=1,2,3,4", "f=roads.road:x&bbox=1,2,3,4", "f=roads.road:1&bbox=3,4,1,2",
     "f=roads.road:1;drop&bbox=1,2,3,4"],
)  # fmt: skip
def test_malformed_shapes_requests(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/map/shapes?{query}")
    assert answer.status_code == 422
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("query", ["", "q=", f"q={'a' * 121}", "q=%00", "q=a&day=yesterday", "q=a&other=1"])
def test_malformed_suggestion_requests(client: FlaskClient, query: str) -> None:
    assert client.get(f"/map/suggestions?{query}").status_code == 422


def test_suggestions_as_json(client: FlaskClient) -> None:
    found = client.get("/map/suggestions", query_string={"q": PARCEL["cadastral_number"]}).get_json()
    assert found[0]["kind"] == "parcel"
    assert found[0]["siruta"] == PARCEL["siruta"]


def _points(coordinates: Any) -> list[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]
