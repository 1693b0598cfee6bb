"""The published XML schemas that come with packages of ours, for checking what we write against them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pycsw
from lxml import etree

PYCSW = Path(pycsw.__file__).parent
ISO = PYCSW / "plugins/profiles/apiso/schemas/ogc/iso/19139/20060504"
OGC = PYCSW / "core/schemas/ogc"


@cache
def schema(*parts: tuple[str, Path]) -> etree.XMLSchema:
    """One schema that knows those namespaces, each from its file."""
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{path}"/>' for namespace, path in parts
    )
    return etree.XMLSchema(
        etree.fromstring(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>')
    )


def iso_19139() -> etree.XMLSchema:
    """Metadata of data sets and services."""
    names = {"gmd": "gmd.xsd", "gmx": "gmx.xsd", "srv": "srv.xsd"}
    return schema(
        *((f"http://www.isotc211.org/2005/{name}", ISO / name / file) for name, file in names.items())
    )


def csw_202() -> etree.XMLSchema:
    """Requests and answers of CSW 2.0.2, with the records in them."""
    return schema(
        ("http://www.opengis.net/cat/csw/2.0.2", OGC / "csw/2.0.2/CSW-discovery.xsd"),
        ("http://www.opengis.net/ows", OGC / "ows/1.0.0/owsAll.xsd"),
    )


def faults(checked: etree.XMLSchema, document: bytes) -> list[str]:
    """What is wrong with a document, line by line; nothing if it is valid."""
    checked.validate(etree.fromstring(document))
    return [f"{entry.line}: {entry.message}" for entry in checked.error_log]
