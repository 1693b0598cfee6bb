"""Small words for writing ISO 19139: every property is an element round the element of its value."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

Node = etree._Element
NAMESPACES = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "gmx": "http://www.isotc211.org/2005/gmx",
    "srv": "http://www.isotc211.org/2005/srv",
    "gml": "http://www.opengis.net/gml",
    "xlink": "http://www.w3.org/1999/xlink",
}
CODE_LISTS = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#"


def element(tag: str, *children: Node | str | None, attributes: Mapping[str, str] | None = None) -> Node:
    """An element with its children (None is left out) or its text; names carry the usual prefixes."""
    made = etree.Element(_name(tag), nsmap=NAMESPACES)
    for name, value in (attributes or {}).items():
        made.set(_name(name), value)
    for child in children:
        if isinstance(child, str):
            made.text = child
        elif child is not None:
            made.append(child)
    return made


def wrapped(tag: str, value: Node | None) -> Node | None:
    """A property holding that value; None where there is none."""
    return None if value is None else element(tag, value)


def text(tag: str, value: str) -> Node:
    """A property whose value is a text."""
    return element(tag, element("gco:CharacterString", value))


def anchor(tag: str, value: str, address: str) -> Node:
    """A property whose value is a text that stands for something at an address."""
    return element(tag, element("gmx:Anchor", value, attributes={"xlink:href": address}))


def code(tag: str, code_list: str, value: str) -> Node:
    """A property whose value is of a code list."""
    listed = CODE_LISTS + code_list.partition(":")[2]
    return element(tag, element(code_list, value, attributes={"codeList": listed, "codeListValue": value}))


def decimal(tag: str, value: float) -> Node:
    """A property whose value is a number."""
    return element(tag, element("gco:Decimal", f"{value:.6f}"))


def boolean(tag: str, value: bool | None) -> Node:
    """A property that is true, false or unknown."""
    return unknown(tag) if value is None else element(tag, element("gco:Boolean", str(value).lower()))


def unknown(tag: str) -> Node:
    """A property whose value is not known."""
    return element(tag, attributes={"gco:nilReason": "unknown"})


def date_of(day: str, kind: str) -> Node:
    """The date of a citation: publication, creation or revision."""
    return element(
        "gmd:CI_Date",
        element("gmd:date", element("gco:Date", day)),
        code("gmd:dateType", "gmd:CI_DateTypeCode", kind),
    )


def _name(name: str) -> str:
    prefix, sign, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if sign else name
