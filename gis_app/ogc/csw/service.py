"""One request to the catalogue service: checked by us, answered by pycsw.

Only reading is offered: no transactions, no harvesting, no asynchronous answers to addresses of the caller's.
"""

from __future__ import annotations

import io
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
from gis_app.ogc.csw.exceptions import report
from layers.days import today

LONGEST_BODY, LONGEST_VALUE, MOST_PARAMETERS = 100_000, 4_000, 40
MOST_RECORDS = 100
# What pycsw would send somewhere else, or read from elsewhere, or that is another protocol.
UNWANTED = frozenset({"responsehandler", "mode", "config", "distributedsearch", "hopcount"})

# How pycsw's parsers stumble over values that are no numbers or too short a list.
UNREADABLE = (ValueError, IndexError, KeyError)


@access.public
def answer() -> flask.Response:
    """GetCapabilities, DescribeRecord, GetDomain, GetRecords, GetRecordById and GetRepositoryItem."""
    parameters = _parameters()
    if isinstance(parameters, flask.Response):
        return parameters
    body = flask.request.get_data()
    if flask.request.method == "POST" and (refusal := _refusal(body)):
        return refusal
    layers = access.visible_layers()
    etag = caching.tag(
        layers, today(), "csw", access.circle(), flask.request.host_url, sorted(parameters.items()), body
    )
    if kept := caching.unchanged(etag, layers):
        return kept
    try:
        status, content, media_type = _dispatch(parameters, body)
    except UNREADABLE as error:
        version = "2.0.2" if parameters.get("version") == "2.0.2" else "3.0.0"
        return report(version, "InvalidParameterValue", "", f"a value cannot be read: {error}")
    response = flask.Response(content, status=status, content_type=media_type)
    if status >= 400:
        response.headers["Cache-Control"] = "no-store"
        return response
    return caching.keep(response, etag, layers)


def _parameters() -> dict[str, str] | flask.Response:
    """Parameters under lower-case names, each once; or the exception that says what is wrong with them."""
    given = flask.request.args
    version = "2.0.2" if given.get("version", type=str) == "2.0.2" else "3.0.0"
    if len(given) > MOST_PARAMETERS:
        return report(version, "NoApplicableCode", "", "too many parameters")
    parameters: dict[str, str] = {}
    for name, value in given.items(multi=True):
        key = name.lower()
        if len(value) > LONGEST_VALUE or any(ord(letter) < 32 for letter in name + value):
            return report(
                version, "InvalidParameterValue", key, "a value is too long or holds control characters"
            )
        if parameters.setdefault(key, value) != value:
            return report(
                version, "InvalidParameterValue", key, "a parameter is given twice with different values"
            )
    if parameters.get("request", "").lower() == "getrecords" and "elementname" not in parameters:
        parameters.setdefault("elementsetname", "summary")  # the standard's default, which pycsw asks for
    return {key: value for key, value in parameters.items() if key not in UNWANTED}


def _refusal(body: bytes) -> flask.Response | None:
    """The exception for a body that is no XML a catalogue should read."""
    version = "2.0.2" if b"cat/csw/2.0.2" in body else "3.0.0"
    if len(body) > LONGEST_BODY:
        return report(version, "NoApplicableCode", "", f"a request may have {LONGEST_BODY} bytes")
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        return report(
            version,
            "NoApplicableCode",
            "",
            f"the body is no XML that is accepted here: {type(error).__name__}",
        )
    if any(
        part.tag.rpartition("}")[2].lower() in UNWANTED for part in root.iter() if isinstance(part.tag, str)
    ):
        return report(
            version, "OptionNotSupported", "ResponseHandler", "answers are given in this connection only"
        )
    return None


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
    authority = AuthoritySettings()
    email = Installation.at(flask.request.host_url).email
    provider = {
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
    inspire = {
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
    return {
        "server": {
            "home": ".",
            "url": flask.request.host_url.rstrip("/") + "/csw",
            "mimetype": "application/xml; charset=UTF-8",
            "encoding": "UTF-8",
            "maxrecords": str(MOST_RECORDS),
            "profiles": "apiso",
            "domaincounts": "true",
        },
        "manager": {"transactions": "false", "allowed_ips": "127.0.0.1"},
        "metadata:main": provider,
        "metadata:inspire": inspire,
        "repository": {"source": "gis_app.ogc.csw.repository.Repository"},
    }
