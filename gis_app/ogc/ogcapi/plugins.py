"""pygeoapi's plugins of ours: what it asks for layers, tiles, records and the process that it describes.

They describe; reading features and tiles and running checks is done by the routes themselves.
"""

from __future__ import annotations

from typing import Any

import flask
from pygeoapi.process.base import BaseProcessor
from pygeoapi.process.manager.base import BaseManager
from pygeoapi.provider.base import BaseProvider, ProviderItemNotFoundError
from pygeoapi.provider.base_mvt import BaseMVTProvider

from gis_app import access
from gis_app.ogc.ogcapi import catalogue_records, process_description
from gis_app.ogc.ogcapi.columns import properties
from layers.catalogue import get_layer

Definition = dict[str, Any]


class Features(BaseProvider):  # type: ignore[misc]  # pygeoapi has no types
    """A layer's properties."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        described = properties(get_layer(self.data), "ro")
        self._fields = {name: schema for name, schema in described.items() if "type" in schema}


class Tiles(BaseMVTProvider):  # type: ignore[misc]  # pygeoapi has no types
    """A layer's vector tiles."""

    def get_layer(self) -> str:
        """The layer's name inside its tiles."""
        return str(self.data)

    def get_tiles_service(self, servicepath: str | None = None, **_: Any) -> dict[str, Any]:
        """Links to the tiles by template."""
        link = {
            "rel": "item",
            "type": self.mimetype,
            "title": str(self.data),
            "href": servicepath,
            "templated": True,
        }
        return {"links": [link]}


class Records(BaseProvider):  # type: ignore[misc]  # pygeoapi has no types
    """The records of the layers that the caller sees."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self._fields = catalogue_records.FIELDS

    def query(self, **asked: Any) -> dict[str, Any]:
        """A page of records: ``offset``, ``limit``, ``bbox``, ``q``, ``properties``, ``sortby``, ``datetime_``."""
        found = catalogue_records.find(self._all(), asked)
        page = found[asked["offset"] : asked["offset"] + asked["limit"]]
        return {
            "type": "FeatureCollection",
            "features": page,
            "numberMatched": len(found),
            "numberReturned": len(page),
        }

    def get(self, identifier: str, **_: Any) -> dict[str, Any]:
        """One record."""
        for record in self._all():
            if record["id"] == identifier:
                return record
        raise ProviderItemNotFoundError(f"no record {identifier[:60]!r}")

    def _all(self) -> list[dict[str, Any]]:
        return catalogue_records.records(access.visible_layers(), flask.request.url_root)


class Manager(BaseManager):  # type: ignore[misc]  # pygeoapi has no types
    """Says that processes run asynchronously too; running them is the routes' own."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition)
        self.is_async = True


class ParcelCheck(BaseProcessor):  # type: ignore[misc]  # pygeoapi has no types
    """The check of a piece of land against every mapped rule."""

    def __init__(self, definition: Definition) -> None:
        super().__init__(definition, process_description.DESCRIPTION)
