"""Asking the WMS: requests by their words, pictures as pixels, documents by path."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlencode

import numpy as np
from flask.testing import FlaskClient
from lxml import etree
from PIL import Image
from werkzeug.test import TestResponse

from layers.demo import SHOWCASE

NAMES = {
    "wms": "http://www.opengis.net/wms",
    "ogc": "http://www.opengis.net/ogc",
    "xlink": "http://www.w3.org/1999/xlink",
    "inspire_vs": "http://inspire.ec.europa.eu/schemas/inspire_vs/1.0",
    "inspire_common": "http://inspire.ec.europa.eu/schemas/common/1.0",
    "sld": "http://www.opengis.net/sld",
}
# A place inside the showcase parcel of the small demo county.
SHOWCASE_PLACE = (354_343.0, 396_343.3)
X, Y = SHOWCASE_PLACE
HALF = 150
# In the registry's order: north, east.
STEREO70 = f"{Y - HALF},{X - HALF},{Y + HALF},{X + HALF}"
MAP: dict[str, Any] = {
    "service": "WMS",
    "version": "1.3.0",
    "request": "GetMap",
    "layers": "planning.zone",
    "styles": "",
    "crs": "EPSG:3844",
    "bbox": STEREO70,
    "width": 300,
    "height": 300,
    "format": "image/png",
}
INFO = {**MAP, "request": "GetFeatureInfo", "query_layers": "planning.zone", "i": 150, "j": 150}
LEGEND = {
    "service": "WMS",
    "version": "1.3.0",
    "request": "GetLegendGraphic",
    "layer": "planning.zone",
    "format": "image/png",
}
PARCEL = SHOWCASE.cadastral_number


def ask(
    client: FlaskClient, words: dict[str, Any], headers: dict[str, str] | None = None, **changed: Any
) -> TestResponse:
    """The answer to a request; None leaves a word out."""
    asked = {name: value for name, value in {**words, **changed}.items() if value is not None}
    return client.get("/ows?" + urlencode(asked), headers=headers)


def capabilities(client: FlaskClient, version: str | None = "1.3.0", **changed: Any) -> etree._Element:
    """The root of the capabilities."""
    answer = ask(client, {"service": "WMS", "request": "GetCapabilities", "version": version}, **changed)
    assert answer.status_code == 200, answer.text
    return etree.fromstring(answer.data)


def found(root: etree._Element, path: str) -> list[Any]:
    """What lies at a path."""
    return list(root.xpath(path, namespaces=NAMES))


def pixels(answer: TestResponse, mode: str = "RGB") -> np.ndarray:
    """An answer's picture, as rows of pixels."""
    assert answer.status_code == 200, answer.text
    assert answer.content_type.startswith("image/"), answer.text
    return np.asarray(Image.open(io.BytesIO(answer.data)).convert(mode)).astype(int)


def alike(one: TestResponse, other: TestResponse) -> bool:
    """Whether two pictures are the same; letters may be smoothed a shade otherwise by another process."""
    shown = pixels(one), pixels(other)
    return shown[0].shape == shown[1].shape and bool(np.abs(shown[0] - shown[1]).mean() < 0.02)


def refused(answer: TestResponse, code: str | None, status: int = 400) -> str:
    """Checks that an answer is a service exception of 1.3.0; its text."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/xml"
    assert answer.headers["Cache-Control"] == "no-store"
    (told,) = found(etree.fromstring(answer.data), "/ogc:ServiceExceptionReport/ogc:ServiceException")
    assert told.get("code") == code
    return str(told.text)
