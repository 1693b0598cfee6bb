"""WFS 1.0.0, 1.1.0 and 2.0.0 at ``/ows``: features of every layer that the caller sees, as of any day.

``answer`` is what the door of ``/ows`` calls. A request is read (:mod:`raw`), understood (:mod:`requests`) and
answered (:mod:`features`, :mod:`documents`); what goes wrong is told in the words of its version (:mod:`exceptions`).
"""

from __future__ import annotations

from collections.abc import Mapping

import flask

from gis_app import access, caching
from gis_app.metadata.record import Installation
from gis_app.ogc.wfs import documents, exceptions, features, formats
from gis_app.ogc.wfs.documents import Language
from gis_app.ogc.wfs.formats import VERSIONS, WfsVersion
from gis_app.ogc.wfs.queries import find_layer
from gis_app.ogc.wfs.raw import Raw, from_parameters, from_xml
from gis_app.ogc.wfs.requests import GET_BY_ID_NAMES, day_of, understand
from layers.catalogue import Layer
from tiles.wfs.refused import Refused, invalid, shown

LANGUAGES: dict[str, Language] = {
    "rum": "rum",
    "ron": "rum",
    "ro": "rum",
    "hun": "hun",
    "hu": "hun",
    "eng": "eng",
    "en": "eng",
}
ALIASES: dict[str, WfsVersion] = {"2.0.2": "2.0.0", "2.0": "2.0.0", "1.1": "1.1.0", "1.0": "1.0.0"}


def answer(parameters: Mapping[str, str], body: bytes | None = None) -> flask.Response:
    """The answer to a WFS request by address, or posted as XML; an exception report where there is none."""
    version: WfsVersion = _known(parameters.get("version", "")) or "2.0.0"
    try:
        raw = from_xml(body, parameters) if body is not None else from_parameters(parameters)
        version = _known(raw.get("version")) or "2.0.0"
        return _dispatch(raw, version)
    except exceptions.HANDLED as error:
        return exceptions.answer(error, version)


def refuse(parameters: Mapping[str, str], error: Exception) -> flask.Response:
    """The exception report for an error that came before or beside our answer."""
    return exceptions.answer(error, _known(parameters.get("version", "")) or VERSIONS[0])


def _dispatch(raw: Raw, version: WfsVersion) -> flask.Response:
    service = raw.get("service")
    if service and service.upper() != "WFS":
        raise invalid("service", f"this is a WFS, not {shown(service)}")
    operation = raw.request.lower()
    if operation == "getcapabilities":
        return _capabilities(raw)
    given = raw.get("version")
    if given and _known(given) is None:
        raise invalid("version", f"versions are {', '.join(VERSIONS)}, found {shown(given)}")
    if operation == "describefeaturetype":
        return _describe(raw, version)
    newer = operation in {"getpropertyvalue", "liststoredqueries", "describestoredqueries"}
    if operation == "getfeature" or (newer and version == "2.0.0"):
        if operation.endswith("storedqueries"):
            return _stored_queries(raw, described=operation.startswith("describe"))
        return features.answer(understand(raw, version, access.visible_layers()), _url())
    raise Refused(
        "OperationNotSupported", f"there is no operation {shown(raw.request)} in {version}", "request"
    )


def _capabilities(raw: Raw) -> flask.Response:
    version = _negotiated(raw)
    language = LANGUAGES.get(raw.get("language").lower(), "rum")
    wanted = {section.strip().lower() for section in raw.get("sections").split(",") if section.strip()} - {
        "all"
    }
    unknown = wanted - {section.lower() for section in documents.SECTIONS}
    if unknown:
        raise invalid("sections", f"there is no section {shown(min(unknown))}")
    sections = [one for one in documents.SECTIONS if not wanted or one.lower() in wanted]
    layers, day = access.visible_layers(), day_of(raw)
    sequence = caching.tag(layers, day)
    if raw.get("updatesequence") == sequence:
        sections = []
    provider = Installation.at(flask.request.url_root)
    etag = caching.tag(layers, day, "wfs", version, language, sections, provider)
    kept = caching.unchanged(etag, layers)
    if kept is not None:
        return kept
    text = documents.capabilities(version, layers.values(), provider, day, language, sections, sequence)
    return caching.keep(_xml(text), etag, layers)


def _describe(raw: Raw, version: WfsVersion) -> flask.Response:
    layers = access.visible_layers()
    locator = "typeNames" if version == "2.0.0" else "typeName"
    names = list(dict.fromkeys(name for query in raw.queries for name in query.types))
    chosen: list[Layer] = [find_layer(name, layers, locator) for name in names] or list(layers.values())
    given = raw.get("outputformat")
    form = formats.DEFAULT[version] if given.upper() == "XMLSCHEMA" else formats.choose(given, version)
    if form.kind != "gml":
        raise invalid("outputFormat", f"a schema cannot be given as {shown(given)}")
    media_type = form.media_type if version != "1.0.0" else "text/xml; charset=utf-8"
    return _xml(documents.schema(chosen, form.gml), media_type)


def _stored_queries(raw: Raw, described: bool) -> flask.Response:
    for name in filter(None, raw.get("storedquery_id").split(",")) if described else ():
        if name.strip().lower() not in GET_BY_ID_NAMES:
            raise invalid("storedQuery_Id", f"there is no stored query {shown(name)}")
    return _xml(documents.stored_queries(access.visible_layers().values(), described))


def _negotiated(raw: Raw) -> WfsVersion:
    """The version to describe ourselves in: the first acceptable one, or the highest that is not above VERSION."""
    accepted = [one.strip() for one in raw.get("acceptversions").split(",") if one.strip()]
    if accepted:
        for one in accepted:
            if known := _known(one):
                return known
        raise Refused("VersionNegotiationFailed", f"versions are {', '.join(VERSIONS)}", "acceptVersions")
    given = raw.get("version")
    if not given:
        return VERSIONS[0]
    return next((one for one in VERSIONS if _known(given) == one or one <= given), VERSIONS[-1])


def _known(text: str) -> WfsVersion | None:
    text = text.strip()
    return next((one for one in VERSIONS if one == text), ALIASES.get(text))


def _url() -> str:
    return f"{flask.request.url_root.rstrip('/')}/ows"


def _xml(text: str, media_type: str = "text/xml; charset=utf-8") -> flask.Response:
    return flask.Response(text, content_type=media_type)
