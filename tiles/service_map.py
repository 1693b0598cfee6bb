"""All layers of the catalogue in all their looks as one MapServer map, kept parsed and set anew for each picture.

Parsing costs more than a small picture. So the process keeps one map object a CRS, and everything that differs
between pictures (layers, order, day, size, place, form, background) is set before every drawing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import mapscript

from layers.catalogue import catalogue
from layers.style import Primitive
from tiles import mapfile, selection
from tiles.fonts import FONTSET, files
from tiles.picture import Form, Picture
from tiles.references import Reference, reference
from tiles.themes import Entry

# Driver and its options.
OUTPUTS: dict[Form, tuple[str, dict[str, str]]] = {
    "png": ("AGG/PNG", {"COMPRESSION": "0"}),
    "png8": ("AGG/PNG", {"QUANTIZE_FORCE": "ON", "QUANTIZE_COLORS": "256", "COMPRESSION": "1"}),
    "jpeg": ("AGG/JPEG", {"QUALITY": "85"}),
    "svg": ("CAIRO/SVG", {}),
}


def entries() -> Iterator[Entry]:
    """Every layer in every look that can be drawn, the default look first."""
    for layer in catalogue().values():
        for look in dict.fromkeys(rule.variant for rule in layer.style):
            yield Entry(layer=layer.id, variant=look)


@cache
def text(*, pieces: bool = False) -> str:
    """The mapfile of pieces or of pictures that stand alone, without day, scale, data or connection."""
    blocks = [block for entry in entries() for block in mapfile.feature_layers(entry, pieces=pieces)]
    return mapfile.document("services", blocks)


class ServiceMap:
    """The map in one CRS, of pieces or of pictures that stand alone. Draws one picture at a time."""

    def __init__(self, crs: Reference, *, pieces: bool) -> None:
        files()  # says what to install; MapServer would not
        self._crs = crs
        self._map = mapscript.fromstring(text(pieces=pieces))
        self._map.setFontSet(str(FONTSET))
        self._map.units = mapscript.MS_DD if crs.degrees else mapscript.MS_METERS
        self._layers = {self._map.getLayer(i).name: self._map.getLayer(i) for i in range(self._map.numlayers)}
        if crs.projection:
            self._map.setProjection(crs.projection)
            for layer in self._layers.values():
                layer.setProjection(f"init=epsg:{selection.SRIDS[crs.column]}")

    def draw(self, picture: Picture, connection: str) -> bytes:
        """The picture as MapServer makes it, whose pixels must be square; ``connection`` is a libpq string.

        Raises MapServerError.
        """
        self._frame(picture)
        self._choose(picture, connection)
        drawn: bytes = self._map.draw().getBytes()
        return drawn

    def _frame(self, picture: Picture) -> None:
        west, south, east, north = picture.bbox
        half_x, half_y = (east - west) / picture.width / 2, (north - south) / picture.height / 2
        output_format(self._map, picture.form, picture.transparent)
        self._map.imagecolor.setRGB(*picture.background)
        self._map.resolution = picture.ppi
        self._map.setSize(picture.width, picture.height)
        # MapServer's extent runs from the middle of the first pixel to the middle of the last.
        self._map.setExtent(west + half_x, south + half_y, east - half_x, north - half_y)

    def _choose(self, picture: Picture, connection: str) -> None:
        """Switch on what the picture shows, in its order, each with the data of day and scale."""
        wanted: dict[str, str] = {}
        for layer_id, look in picture.layers:
            entry = Entry(layer=layer_id, variant=look)
            for primitive in selection.primitives(entry.definition):
                name, data = self._data(entry, primitive, picture)
                wanted.pop(name, None)  # asked for twice it lies where it is asked for last
                if data:
                    wanted[name] = data
        for name, layer in self._layers.items():
            layer.status = mapscript.MS_ON if name in wanted else mapscript.MS_OFF
        for name, data in wanted.items():
            self._layers[name].data = data
            self._layers[name].connection = connection
        order = [self._layers[name].index for name in wanted]
        self._map.setLayerOrder((*order, *(set(range(self._map.numlayers)) - set(order))))

    def _data(self, entry: Entry, primitive: Primitive, picture: Picture) -> tuple[str, str | None]:
        scale = self._map.scaledenom
        data = selection.data(entry, primitive, picture.as_of, scale, self._crs.column, self._crs.metre)
        return f"{entry.key}:{primitive}", data


def output_format(drawing: mapscript.mapObj, form: Form, transparent: bool) -> None:
    """Have the map draw in that form; the output format is made when first asked for."""
    name = f"{form}-{transparent}"
    if drawing.getOutputFormatByName(name) is None:
        driver, options = OUTPUTS[form]
        made = mapscript.outputFormatObj(driver, name)
        alpha = form == "svg" or (transparent and form != "jpeg")
        made.imagemode = mapscript.MS_IMAGEMODE_RGBA if alpha else mapscript.MS_IMAGEMODE_RGB
        made.transparent = mapscript.MS_ON if transparent else mapscript.MS_OFF
        for option, value in options.items():
            made.setOption(option, value)
        drawing.appendOutputFormat(made)
    drawing.selectOutputFormat(name)


@cache
def service_map(crs: str, pieces: bool) -> ServiceMap:
    """This process's map in that CRS, of pieces or of pictures that stand alone."""
    return ServiceMap(reference(crs), pieces=pieces)
