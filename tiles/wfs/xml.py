"""XML that strangers send: read safely, bounded in size, depth and number of elements; names without prefixes."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tiles.wfs.refused import Refused

BYTES, ELEMENTS, DEPTH = 1_000_000, 20_000, 60


def read(text: bytes | str, locator: str) -> Element:
    """The root element. Raises Refused for what is no XML, has a document type, or is too large."""
    if len(text) > BYTES:
        raise Refused("OperationParsingFailed", f"more than {BYTES} bytes of XML", locator)
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Refused(
            "OperationParsingFailed", "document types and entities are not read", locator
        ) from error
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an encoding nobody knows
        raise Refused("OperationParsingFailed", f"this is not well-formed XML: {error}", locator) from error
    _check_bounds(root, locator)
    return root


def name(element: Element) -> str:
    """The local name."""
    return element.tag.rpartition("}")[2]


def text(element: Element) -> str:
    """The whole text inside, trimmed."""
    return "".join(element.itertext()).strip()


def child(element: Element, *names: str) -> Element | None:
    """The first child of one of these local names."""
    return next((one for one in element if name(one) in names), None)


def _check_bounds(root: Element, locator: str) -> None:
    level, seen = [root], 0
    for _ in range(DEPTH):
        seen += len(level)
        if seen > ELEMENTS:
            raise Refused("OperationParsingFailed", f"more than {ELEMENTS} XML elements", locator)
        level = [one for element in level for one in element]
        if not level:
            return
    raise Refused("OperationParsingFailed", f"XML elements more than {DEPTH} deep", locator)
