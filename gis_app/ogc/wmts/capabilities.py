"""The WMTS service's description of itself (OGC 07-057r7), for the layers that the caller sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from gis_app.certificates.settings import AuthoritySettings
from gis_app.ogc.wmts.request import CURRENT, INFO_FORMATS, STYLE, VERSION
from layers import states
from layers.catalogue import Titles
from layers.extents import transform
from layers.groups import groups
from tiles.cache.grids import MATRIX_SETS, TILE_PX, MatrixSet
from tiles.cache.layers import TileLayer
from tiles.cache.limits import Limits, bounds, limits

WMTS, OWS = "http://www.opengis.net/wmts/1.0", "http://www.opengis.net/ows/1.1"
XLINK, XSI = "http://www.w3.org/1999/xlink", "http://www.w3.org/2001/XMLSchema-instance"
# None is the namespace of names without a prefix; the types of lxml do not know of it.
NAMESPACES: Any = {None: WMTS, "ows": OWS, "xlink": XLINK, "xsi": XSI}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SCHEMA = f"{WMTS} http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd"
SERVICE_TITLES = Titles(
    ro="Hărți pe dale: urbanism, cadastru, drumuri, rețele",
    hu="Csempézett térképek: településrendezés, kataszter, utak, közművek",
    en="Map tiles: planning, cadastre, roads, networks",
)
ABSTRACT = (
    "Straturile și hărțile tematice ale autorității, pe dale, în Stereo70 (EPSG:3844, colțul de nord-vest la"
    " N 1100000, E -200000, pixelul de 0,28 mm) și în Web Mercator."
)
BASE_MAPS = Titles(ro="Hărți de bază", hu="Alaptérképek", en="Base maps")
OTHERS = Titles(ro="Servicii externe", hu="Külső szolgáltatások", en="Foreign services")


def capabilities(layers: Sequence[TileLayer], sections: Iterable[str], host: str) -> bytes:
    """The document with these sections; ``host`` is scheme and host of the addresses in it."""
    root = etree.Element(
        f"{{{WMTS}}}Capabilities",
        nsmap=NAMESPACES,
        version=VERSION,
    )
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)
    authority = AuthoritySettings()
    writers = {
        "ServiceIdentification": lambda: _identification(root, authority),
        "ServiceProvider": lambda: _provider(root, authority),
        "OperationsMetadata": lambda: _operations(root, f"{host}/wmts"),
        "Contents": lambda: _contents(root, layers, host),
        "Themes": lambda: _themes(root, layers),
    }
    for section in sections:
        writers[section]()
    _wmts(root, "ServiceMetadataURL", **{f"{{{XLINK}}}href": f"{host}/wmts/1.0.0/WMTSCapabilities.xml"})
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


def _identification(root: Any, authority: AuthoritySettings) -> None:
    part = _ows(root, "ServiceIdentification")
    _titles(part, SERVICE_TITLES)
    _ows(part, "Abstract", ABSTRACT)
    _ows(part, "ServiceType", "OGC WMTS")
    _ows(part, "ServiceTypeVersion", VERSION)
    _ows(part, "Fees", "none")
    _ows(part, "AccessConstraints", f"© {authority.name}; licența fiecărui strat este în descrierea lui")


def _provider(root: Any, authority: AuthoritySettings) -> None:
    part = _ows(root, "ServiceProvider")
    _ows(part, "ProviderName", authority.name)
    _ows(part, "ProviderSite", **{f"{{{XLINK}}}href": authority.public_url})
    info = _ows(_ows(part, "ServiceContact"), "ContactInfo")
    if authority.phone:
        _ows(_ows(info, "Phone"), "Voice", authority.phone)
    if authority.address or authority.email:
        address = _ows(info, "Address")
        if authority.address:
            _ows(address, "DeliveryPoint", authority.address)
        if authority.email:
            _ows(address, "ElectronicMailAddress", authority.email)


def _operations(root: Any, service: str) -> None:
    part = _ows(root, "OperationsMetadata")
    addresses = {"GetCapabilities": f"{service}/1.0.0/WMTSCapabilities.xml"}
    for name in ("GetCapabilities", "GetTile", "GetFeatureInfo"):
        http = _ows(_ows(_ows(part, "Operation", name=name), "DCP"), "HTTP")
        for encoding, address in (
            ("KVP", f"{service}?"),
            ("RESTful", addresses.get(name, f"{service}/1.0.0/")),
        ):
            get = _ows(http, "Get", **{f"{{{XLINK}}}href": address})
            allowed = _ows(_ows(get, "Constraint", name="GetEncoding"), "AllowedValues")
            _ows(allowed, "Value", encoding)


def _contents(root: Any, layers: Sequence[TileLayer], host: str) -> None:
    part = _wmts(root, "Contents")
    for layer in layers:
        _layer(part, layer, host)
    for matrices in MATRIX_SETS.values():
        _matrix_set(part, matrices)


def _layer(contents: Any, layer: TileLayer, host: str) -> None:
    part = _wmts(contents, "Layer")
    _titles(part, layer.title)
    _ows(part, "Abstract", described(layer))
    west, south, east, north = transform(bounds(layer), "EPSG:3844", "OGC:CRS84")
    box = _ows(part, "WGS84BoundingBox")
    _ows(box, "LowerCorner", f"{west:.6f} {south:.6f}")
    _ows(box, "UpperCorner", f"{east:.6f} {north:.6f}")
    _ows(part, "Identifier", layer.name)
    style = _wmts(part, "Style", isDefault="true")
    _ows(style, "Title", "Stilul obișnuit")
    _ows(style, "Identifier", STYLE)
    if len(layer.layer_ids) == 1:
        _wmts(style, "LegendURL", format="image/png", **{f"{{{XLINK}}}href": legend_address(layer, host)})
    _wmts(part, "Format", layer.mime)
    if layer.queryable:
        for mime in INFO_FORMATS.values():
            _wmts(part, "InfoFormat", mime)
    if not layer.foreign:
        _time(part, layer)
    for matrices in MATRIX_SETS.values():
        _link(part, matrices, limits(layer, matrices))
    template = tile_template(layer, host)
    _wmts(part, "ResourceURL", format=layer.mime, resourceType="tile", template=template)
    if layer.queryable:
        stem = template.rpartition(".")[0]
        for suffix, mime in INFO_FORMATS.items():
            _wmts(
                part,
                "ResourceURL",
                format=mime,
                resourceType="FeatureInfo",
                template=f"{stem}/{{J}}/{{I}}.{suffix}",
            )


def described(layer: TileLayer) -> str:
    """What a layer is, whose it is and under which licence."""
    source = layer.attribution.text if layer.attribution else AuthoritySettings().name
    about = f"{layer.abstract.rstrip('.')}. " if layer.abstract != source else ""
    return f"{about}Sursa: {source}. Licența: {layer.licence}."


def tile_template(layer: TileLayer, host: str) -> str:
    """The address template of a layer's tiles."""
    time = "" if layer.foreign else "/{Time}"
    place = "{Style}" + time + "/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}"
    return f"{host}/wmts/1.0.0/{layer.name}/{place}.{layer.form}"


def legend_address(layer: TileLayer, host: str) -> str:
    """Where the legend of a layer of ours is drawn."""
    asked = "SERVICE=WMS&VERSION=1.3.0&REQUEST=GetLegendGraphic&FORMAT=image/png&STYLE="
    return f"{host}/ows?{asked}&LAYER={layer.name}"


def _time(part: Any, layer: TileLayer) -> None:
    dimension = _wmts(part, "Dimension")
    _ows(dimension, "Identifier", "Time")
    _ows(dimension, "UOM", "ISO8601")
    _wmts(dimension, "Default", CURRENT)
    _wmts(dimension, "Current", "true")
    for value in (CURRENT, *(day.isoformat() for day in states.days(layer.layer_ids))):
        _wmts(dimension, "Value", value)


def _link(part: Any, matrices: MatrixSet, levels: list[Limits]) -> None:
    link = _wmts(part, "TileMatrixSetLink")
    _wmts(link, "TileMatrixSet", matrices.id)
    # The schema takes no 0 here, by an old mistake; levels that would need one (the whole Earth) are not listed.
    listed = [
        (matrix, limit)
        for matrix, limit in zip(matrices.matrices, levels, strict=True)
        if limit.columns[0] and limit.rows[0]
    ]
    within = _wmts(link, "TileMatrixSetLimits") if listed else None
    for matrix, limit in listed:
        one = _wmts(within, "TileMatrixLimits")
        _wmts(one, "TileMatrix", matrix.id)
        _wmts(one, "MinTileRow", str(limit.rows[0]))
        _wmts(one, "MaxTileRow", str(limit.rows[1]))
        _wmts(one, "MinTileCol", str(limit.columns[0]))
        _wmts(one, "MaxTileCol", str(limit.columns[1]))


def _matrix_set(contents: Any, matrices: MatrixSet) -> None:
    part = _wmts(contents, "TileMatrixSet")
    _ows(part, "Title", matrices.title)
    _ows(part, "Identifier", matrices.id)
    authority, code = matrices.crs.split(":")
    _ows(part, "SupportedCRS", f"urn:ogc:def:crs:{authority}::{code}")
    if matrices.well_known:
        _wmts(part, "WellKnownScaleSet", matrices.well_known)
    west, _, _, north = matrices.bounds
    corner = (north, west) if matrices.north_east else (west, north)
    for matrix in matrices.matrices:
        one = _wmts(part, "TileMatrix")
        _ows(one, "Identifier", matrix.id)
        _wmts(one, "ScaleDenominator", f"{matrix.denominator:.16g}")
        _wmts(one, "TopLeftCorner", " ".join(f"{value:.16g}" for value in corner))
        _wmts(one, "TileWidth", str(TILE_PX))
        _wmts(one, "TileHeight", str(TILE_PX))
        _wmts(one, "MatrixWidth", str(matrix.columns))
        _wmts(one, "MatrixHeight", str(matrix.rows))


def _themes(root: Any, layers: Sequence[TileLayer]) -> None:
    sorted_in: dict[str, tuple[Titles, list[str]]] = {}
    titles: Mapping[str, Titles] = groups()
    for layer in layers:
        kind = "foreign" if layer.foreign else layer.name.split(".")[0]
        title = OTHERS if layer.foreign else titles.get(kind, BASE_MAPS)
        sorted_in.setdefault(kind, (title, []))[1].append(layer.name)
    if not sorted_in:
        return
    part = _wmts(root, "Themes")
    for kind, (title, names) in sorted_in.items():
        theme = _wmts(part, "Theme")
        _titles(theme, title)
        _ows(theme, "Identifier", kind)
        for name in names:
            _wmts(theme, "LayerRef", name)


def _titles(part: Any, titles: Titles) -> None:
    for language in ("ro", "hu", "en"):
        _ows(part, "Title", getattr(titles, language), **{LANG: language})


def _ows(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
    return _element(parent, f"{{{OWS}}}{name}", text, attributes)


def _wmts(parent: Any, name: str, text: str | None = None, /, **attributes: str) -> Any:
    return _element(parent, f"{{{WMTS}}}{name}", text, attributes)


def _element(parent: Any, tag: str, text: str | None, attributes: dict[str, str]) -> Any:
    made = etree.SubElement(parent, tag, attributes)
    made.text = text
    return made
