"""One request to the catalogue service: checked by us, answered by pycsw.

Only reading is offered: no transactions, no harvesting, no asynchronous answers to addresses of the caller's.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError

import flask
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pycsw.server import Csw

from gis_app import access, caching
from gis_app.certificates.settings import AuthoritySettings
from gis_app.metadata.record import Installation
from gis_app.ogc.csw.exceptions import Refusal, Version, refused, report
from gis_app.ogc.parameters import ParameterError, Parameters
from layers.days import today

LONGEST_BODY, LONGEST_VALUE = 100_000, 4_000
MOST_RECORDS = 100
# What pycsw would send somewhere else, or read from elsewhere, or that is another protocol.
UNWANTED = frozenset({"responsehandler", "mode", "config", "distributedsearch", "hopcount"})
# From a place before the first record pycsw counts more records than there are.
LEAST = {"startposition": 1, "maxrecords": 0}
# How pycsw's parsers stumble over values that are no numbers or too short a list.
UNREADABLE = (ValueError, IndexError, KeyError)


@access.public
def answer() -> flask.Response:
    """GetCapabilities, DescribeRecord, GetDomain, GetRecords, GetRecordById and GetRepositoryItem."""
    body = flask.request.get_data()
    version = _version(body)
    try:
        parameters = _parameters()
        if flask.request.method == "POST":
            _check_body(body)
    except ParameterError as error:
        return refused(error, version)
    layers = access.visible_layers()
    etag = caching.tag(
        layers, today(), "csw", access.circle(), flask.request.host_url, sorted(parameters.items()), body
    )
    if kept := caching.unchanged(etag, layers):
        return kept
    try:
        status, content, media_type = _dispatch(parameters, body)
    except UNREADABLE as error:
        return report(version, "InvalidParameterValue", f"a value cannot be read: {error}")
    response = flask.Response(content, status=status, content_type=media_type)
    if status >= 400:
        response.headers["Cache-Control"] = "no-store"
        return response
    return caching.keep(response, etag, layers)


def _version(body: bytes) -> Version:
    """The version that the request speaks, by its parameter or the namespace of its body."""
    older = flask.request.args.get("version") == "2.0.2" or b"cat/csw/2.0.2" in body
    return "2.0.2" if older else "3.0.0"


def _parameters() -> dict[str, str]:
    """Parameters under lower-case names, without those that are not for strangers. Raises ParameterError."""
    given = Parameters.of(flask.request.args.items(multi=True))
    for name, value in given.items():
        if len(value) > LONGEST_VALUE or any(ord(letter) < ord(" ") for letter in value):
            raise ParameterError("a value is too long or holds control characters", name)
    parameters = {name: value for name, value in given.items() if name not in UNWANTED}
    _check_numbers(parameters)
    if parameters.get("request", "").lower() == "getrecords" and "elementname" not in parameters:
        parameters.setdefault("elementsetname", "summary")  # the standard's default, which pycsw asks for
    return parameters


def _check_numbers(given: Mapping[str, str]) -> None:
    """Raise ParameterError where a page would begin before the first record, or hold fewer than none."""
    for name, least in LEAST.items():
        text = given.get(name, str(least))
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
            raise ParameterError(f"a whole number from {least}, not {text[:40]!r}", name)


def _check_body(body: bytes) -> None:
    """Raise ParameterError or Refusal for a body that is no XML a catalogue should read."""
    if len(body) > LONGEST_BODY:
        raise Refusal("NoApplicableCode", f"a request may have {LONGEST_BODY} bytes")
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        fault = type(error).__name__
        raise Refusal("NoApplicableCode", f"the body is no XML that is accepted here: {fault}") from error
    _check_numbers({name.lower(): value for name, value in root.attrib.items()})
    names = {part.tag.rpartition("}")[2].lower() for part in root.iter() if isinstance(part.tag, str)}
    if names & UNWANTED:
        raise Refusal("OptionNotSupported", "answers are given in this connection only", "ResponseHandler")


def _dispatch(parameters: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
    request = flask.request
    environment: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if request.method == "POST" else "GET",
        "QUERY_STRING": urlencode(parameters),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/csw",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": request.headers.get("Accept", ""),
    }
    server = Csw(_configuration(), environment)
    status, content = server.dispatch_wsgi()
    code = int(status.split()[0])
    if code == 200 and b"ExceptionReport" in content[:600]:
        code = 400
    return code, content, str(server.contenttype)


def _configuration() -> dict[str, dict[str, str]]:
    authority, root = AuthoritySettings(), flask.request.host_url
    return {
        "server": {
            "home": ".",
            "url": root.rstrip("/") + "/csw",
            "mimetype": "application/xml; charset=UTF-8",
            "encoding": "UTF-8",
            "maxrecords": str(MOST_RECORDS),
            "profiles": "apiso",
            "domaincounts": "true",
        },
        "manager": {"transactions": "false", "allowed_ips": "127.0.0.1"},
        "metadata:main": _provider(authority, Installation.at(root).email),
        "metadata:inspire": _inspire(authority, Installation.at(root).email),
        "repository": {"source": "gis_app.ogc.csw.repository.Repository"},
    }


def _provider(authority: AuthoritySettings, email: str) -> dict[str, str]:
    return {
        "identification_title": f"Catalogul de date – {authority.name}",
        "identification_abstract": "Metadatele straturilor de urbanism, cadastru, drumuri și rețele.",
        "identification_keywords": "urbanism,cadastru,drumuri,rețele edilitare,INSPIRE",
        "identification_keywords_type": "theme",
        "identification_fees": "Fără taxe",
        "identification_accessconstraints": "Fără limitări ale accesului public",
        "provider_name": authority.name,
        "provider_url": authority.public_url,
        "contact_name": authority.name,
        "contact_position": "",
        "contact_address": authority.address,
        "contact_city": "",
        "contact_stateorprovince": authority.county,
        "contact_postalcode": "",
        "contact_country": "România",
        "contact_phone": authority.phone,
        "contact_fax": "",
        "contact_email": email,
        "contact_url": authority.public_url,
        "contact_hours": "",
        "contact_instructions": "",
        "contact_role": "pointOfContact",
    }


def _inspire(authority: AuthoritySettings, email: str) -> dict[str, str]:
    return {
        "enabled": "true",
        "languages_supported": "rum,eng",
        "default_language": "rum",
        "date": today().isoformat(),
        "gemet_keywords": "Utilizarea terenului",
        "conformity_service": "notEvaluated",
        "contact_name": authority.name,
        "contact_email": email,
        "temp_extent": f"2026-01-01/{today().isoformat()}",
    }
