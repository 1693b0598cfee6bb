"""Service exceptions: what went wrong, in the form the request asked for: XML, written on a picture, or a blank one."""

from __future__ import annotations

import io
import textwrap

import flask
from lxml import etree
from PIL import Image, ImageDraw, ImageFont

from gis_app.errors import Problem, finished
from gis_app.ogc.ows.exceptions import writable
from gis_app.ogc.parameters import ParameterError, Parameters
from gis_app.ogc.wms.vocabulary import BIGGEST, FORMATS, WHITE, background_of, exceptions_of, version_of
from layers.health import BrokenLayer
from tiles.fonts import font_file

NAMESPACE = "http://www.opengis.net/ogc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = f"{NAMESPACE} http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd"
# The size of a picture that says why there is none, where the request gives no sensible one.
SIZE = (400, 100)
TEXT_PX = 13


class Refusal(ParameterError):
    """A request that the WMS refuses. ``code`` is the standard's, None where it has none for the case."""

    def __init__(self, code: str | None, message: str, locator: str | None = None) -> None:
        super().__init__(message, locator)
        self.code = code


_CODES: dict[type[Exception], str] = {
    ParameterError: "InvalidParameterValue",
    BrokenLayer: "LayerNotAvailable",
}


def code_of(error: Exception, version: str) -> str | None:
    """The service exception code of an error."""
    code = error.code if isinstance(error, Refusal) else _CODES.get(type(error))
    return "InvalidSRS" if code == "InvalidCRS" and version == "1.1.1" else code


def refusal(parameters: Parameters, error: Exception, problem: Problem) -> flask.Response:
    """The exception in the form that the request asked for. It is never kept."""
    version, form = version_of(parameters), exceptions_of(parameters)
    if form == "XML":
        return finished(_xml(version, code_of(error, version), error, problem), problem)
    response = _picture(parameters, problem.detail if form == "INIMAGE" else None)
    response.headers["Cache-Control"] = "no-store"
    return response


def _xml(version: str, code: str | None, error: Exception, problem: Problem) -> flask.Response:
    if version == "1.1.1":
        root = etree.Element("ServiceExceptionReport", version="1.1.1")
        told = etree.SubElement(root, "ServiceException")
        mimetype = "application/vnd.ogc.se_xml"
    else:
        named: dict[str | None, str] = {None: NAMESPACE, "xsi": XSI}
        root = etree.Element(f"{{{NAMESPACE}}}ServiceExceptionReport", version="1.3.0", nsmap=named)  # type: ignore[arg-type]  # None is the default namespace
        root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
        told = etree.SubElement(root, f"{{{NAMESPACE}}}ServiceException")
        mimetype = "text/xml"
    if code:
        told.set("code", code)
    if isinstance(error, ParameterError) and error.locator and version != "1.1.1":
        told.set("locator", error.locator)
    told.text = writable(problem.detail)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return flask.Response(content, mimetype=mimetype)


def _picture(parameters: Parameters, text: str | None) -> flask.Response:
    form = FORMATS.get(parameters.get("format", "").lower().replace(" ", ""), "png")
    transparent = parameters.get("transparent", "").upper() == "TRUE" and form != "jpeg"
    background = WHITE if text else background_of(parameters) or WHITE
    image = Image.new("RGBA", _size(parameters), (*background, 0 if transparent else 255))
    if text:
        font = ImageFont.truetype(str(font_file("regular")), TEXT_PX)
        letters = max(8, int(image.width / (TEXT_PX * 0.55)))
        lines = "\n".join(textwrap.wrap(text, letters))
        ImageDraw.Draw(image).multiline_text((6, 4), lines, fill=(150, 0, 0, 255), font=font)
    kept = io.BytesIO()
    if form == "jpeg":
        image.convert("RGB").save(kept, "JPEG")
        return flask.Response(kept.getvalue(), mimetype="image/jpeg")
    image.save(kept, "PNG", compress_level=1)
    return flask.Response(kept.getvalue(), mimetype="image/png")


def _size(parameters: Parameters) -> tuple[int, int]:
    given = [parameters.get(name, "") for name in ("width", "height")]
    if all(side.isascii() and side.isdigit() and 0 < int(side[:6]) <= BIGGEST for side in given):
        return int(given[0]), int(given[1])
    return SIZE
