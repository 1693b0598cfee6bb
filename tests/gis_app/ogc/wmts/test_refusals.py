"""What is asked wrongly is refused as the standard says, whatever it is."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from tests.gis_app.ogc.wmts import by_key, refusal


@pytest.mark.parametrize(
    ("change", "code", "locator"),
    [
        ({"service": ""}, "MissingParameterValue", "service"),
        ({"service": "WMS"}, "InvalidParameterValue", "service"),
        ({"request": ""}, "MissingParameterValue", "request"),
        ({"version": ""}, "MissingParameterValue", "version"),
        ({"version": "1.1.0"}, "InvalidParameterValue", "version"),
        ({"layer": ""}, "MissingParameterValue", "layer"),
        ({"layer": "cadastre.nothing"}, "InvalidParameterValue", "layer"),
        ({"layer": "cadastre.predecessor"}, "InvalidParameterValue", "layer"),
        ({"style": "thin"}, "InvalidParameterValue", "style"),
        ({"format": "image/jpeg"}, "InvalidParameterValue", "format"),
        ({"tilematrixset": "WorldCRS84Quad"}, "InvalidParameterValue", "TileMatrixSet"),
        ({"tilematrix": "14"}, "InvalidParameterValue", "TileMatrix"),
        ({"tilematrix": "-1"}, "InvalidParameterValue", "TileMatrix"),
        ({"tilerow": ""}, "MissingParameterValue", "tilerow"),
        ({"tilerow": "1.5"}, "InvalidParameterValue", "TileRow"),
        ({"tilerow": "1e400"}, "InvalidParameterValue", "TileRow"),
        ({"tilerow": "٣"}, "InvalidParameterValue", "TileRow"),
        ({"tilecol": "-1"}, "TileOutOfRange", "TileCol"),
        ({"tilerow": "999999999"}, "TileOutOfRange", "TileRow"),
        ({"tilecol": "9" * 400}, "InvalidParameterValue", "TileCol"),
        ({"tilerow": "5"}, "TileOutOfRange", "TileRow"),  # inside the matrix, outside of the layer's limits
        ({"time": "yesterday"}, "InvalidParameterValue", "time"),
        ({"time": "2026-02-30"}, "InvalidParameterValue", "time"),
    ],
)
def test_a_wrong_parameter_is_told_as_the_standard_says(
    client: FlaskClient,
    tile: dict[str, str],
    change: dict[str, str],
    code: str,
    locator: str,
    own_cache: Path,
) -> None:
    assert refusal(client.get(by_key({**tile, **change}))) == (400, code, locator)
    assert list(own_cache.rglob("*.png")) == []


def test_an_unknown_request_is_not_supported(client: FlaskClient, tile: dict[str, str]) -> None:
    assert refusal(client.get(by_key({**tile, "request": "GetMap"}))) == (
        501,
        "OperationNotSupported",
        "request",
    )


@pytest.mark.parametrize(
    "rest",
    [
        "cadastre.parcel/default/Stereo70/10/1/1.png",
        "cadastre.parcel/default/Stereo70/99/1/1.png",
        "cadastre.parcel/default/Stereo70/10/-1/1.png",
        "cadastre.parcel/default/Stereo70/10/a/b.png",
        "cadastre.parcel/default/Stereo70/10/1/1.gif",
        "cadastre.parcel/default/Stereo70/10/1/1",
        "cadastre.parcel/../../etc/passwd",
        "cadastre.parcel/default/current/..%2f..%2f/10/1/1.png",
        "planning.scan/default/Stereo70/10/1/1.png",
        "x",
        "/////////",
    ],
)
def test_an_address_that_leads_nowhere_is_not_found(client: FlaskClient, rest: str) -> None:
    answer = client.get(f"/wmts/1.0.0/{rest}")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "extra", ["&layer=roads.road", "&x=%00", "&x=%0d%0aSet-Cookie:a", "&x=" + "a" * 9000]
)
def test_garbled_and_contradicting_parameters_are_refused(
    client: FlaskClient, tile: dict[str, str], extra: str
) -> None:
    assert refusal(client.get(by_key(tile) + extra))[:2] == (400, "InvalidParameterValue")


WORDS = st.one_of(
    st.sampled_from(
        ["cadastre.parcel", "theme.planning", "default", "current", "Stereo70", "GoogleMapsCompatible", ""]
    ),
    st.integers(-(10**13), 10**13).map(str),
    st.text(max_size=12),
)


@settings_of_hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(WORDS, min_size=1, max_size=10), suffix=st.sampled_from([".png", ".json", ".jpg", "", "."])
)
def test_no_address_ends_in_an_internal_error(client: FlaskClient, parts: list[str], suffix: str) -> None:
    answer = client.get(f"/wmts/1.0.0/{'/'.join(quote(part, safe='') for part in parts)}{suffix}")
    assert answer.status_code in {200, 304, 308, 400, 404, 501}
    if answer.status_code >= 400:
        assert answer.headers["Cache-Control"] == "no-store"


@settings_of_hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changed=st.dictionaries(
        st.sampled_from(
            ["layer", "style", "format", "tilematrixset", "tilematrix", "tilerow", "tilecol", "time", "i"]
        ),
        st.one_of(WORDS, st.none()),
        min_size=1,
        max_size=4,
    )
)
def test_no_parameter_ends_in_an_internal_error(client: FlaskClient, changed: dict[str, str | None]) -> None:
    whole: dict[str, str | None] = {
        "service": "WMTS", "request": "GetTile", "version": "1.0.0", "layer": "cadastre.parcel", "style": "default",
        "format": "image/png", "tilematrixset": "Stereo70", "tilematrix": "3", "tilerow": "5", "tilecol": "5",
    }  # fmt: skip
    asked = {name: value for name, value in {**whole, **changed}.items() if value is not None}
    answer = client.get(by_key(asked))
    assert answer.status_code in {200, 400, 501}
    assert answer.status_code == 200 or answer.mimetype == "text/xml"
