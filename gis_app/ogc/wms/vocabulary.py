"""The words of WMS 1.1.1 and 1.3.0: versions, formats, ways to tell exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from tiles.picture import Form

Version = Literal["1.1.1", "1.3.0"]
ExceptionForm = Literal["XML", "INIMAGE", "BLANK"]
InfoForm = Literal["html", "json", "gml", "text"]

COLOUR = re.compile(r"(?:0x|#)([0-9a-f]{6})", re.IGNORECASE)
WHITE = (255, 255, 255)
BIGGEST = 4096
MOST_LAYERS = 60
MOST_FEATURES = 100

# By what is asked for, without blanks and in small letters.
FORMATS: dict[str, Form] = {
    "image/png": "png",
    "image/png;mode=24bit": "png",
    "image/png;mode=8bit": "png8",
    "image/png8": "png8",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/svg+xml": "svg",
}
# As advertised.
MAP_FORMATS = ("image/png", "image/png; mode=8bit", "image/jpeg", "image/svg+xml")
LEGEND_FORMATS = ("image/png", "image/jpeg")
MIMETYPES: dict[Form, str] = {
    "png": "image/png",
    "png8": "image/png; mode=8bit",
    "jpeg": "image/jpeg",
    "svg": "image/svg+xml",
}
INFO_FORMATS: dict[str, InfoForm] = {
    "text/html": "html",
    "application/json": "json",
    "application/geo+json": "json",
    "application/vnd.ogc.gml": "gml",
    "application/gml+xml": "gml",
    "text/xml": "gml",
    "text/plain": "text",
}
EXCEPTIONS: dict[str, ExceptionForm] = {
    "xml": "XML",
    "text/xml": "XML",
    "application/vnd.ogc.se_xml": "XML",
    "inimage": "INIMAGE",
    "application/vnd.ogc.se_inimage": "INIMAGE",
    "blank": "BLANK",
    "application/vnd.ogc.se_blank": "BLANK",
}


def version_of(parameters: Mapping[str, str]) -> Version:
    """The version to answer in: the one asked for, else the next lower one that we know, else the oldest.

    Without VERSION, SRS in place of CRS tells a request of the older one.
    """
    asked = parameters.get("version") or parameters.get("wmtver")
    if not asked:
        return "1.1.1" if "srs" in parameters and "crs" not in parameters else "1.3.0"
    numbers = [int(part) if part.isascii() and part.isdigit() else 0 for part in asked[:20].split(".")]
    return "1.3.0" if numbers >= [1, 3, 0] else "1.1.1"


def exceptions_of(parameters: Mapping[str, str]) -> ExceptionForm:
    """How exceptions are told: as XML unless something else that we know is asked for."""
    return EXCEPTIONS.get(parameters.get("exceptions", "xml").strip().lower(), "XML")


def background_of(parameters: Mapping[str, str]) -> tuple[int, int, int] | None:
    """The colour of the ground, white unless said; None where BGCOLOR is no colour."""
    found = COLOUR.fullmatch(parameters.get("bgcolor", "0xFFFFFF").strip())
    if not found:
        return None
    red, green, blue = bytes.fromhex(found[1])
    return red, green, blue
