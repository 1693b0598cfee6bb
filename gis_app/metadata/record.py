"""The record of a layer, and of the doors it is served at: what ISO 19139 and DCAT-AP are written from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from gis_app.certificates.settings import AuthoritySettings
from gis_app.metadata.definitions import Service, Theme, services, theme_of
from layers import database
from layers.catalogue import Layer, Visibility
from layers.days import today
from layers.extents import ROMANIA, Bounds, extent
from layers.visibility import visibility

URN = "urn:vatra:layer:"
SERVICE_URN = "urn:vatra:service:"
# What may be downloaded whole: suffix, media type, name of the form.
DOWNLOADS = (
    ("gpkg", "application/geopackage+sqlite3", "GeoPackage"),
    ("parquet", "application/vnd.apache.parquet", "GeoParquet"),
    ("csv", "text/csv", "CSV"),
)


@dataclass(frozen=True)
class Link:
    """An address of the layer. ``kind`` is ``download`` for files and else that of the service."""

    url: str
    title: str
    type: str
    kind: str


@dataclass(frozen=True)
class History:
    """What a layer's versions tell of it; ``sources`` newest first."""

    layer: str
    begins: date
    published_at: datetime
    first_published_at: datetime
    accuracy_m: float
    sources: list[str]


@dataclass(frozen=True)
class LayerRecord:
    """All that catalogues are told of a layer. ``degrees`` is its box in CRS84; dates are of its versions."""

    layer: Layer
    theme: Theme
    visibility: Visibility
    degrees: Bounds
    history: History | None
    links: tuple[Link, ...]

    @property
    def identifier(self) -> str:
        """The same at every door."""
        return URN + self.layer.id

    @property
    def modified(self) -> date:
        """Day of the newest version; today for a layer without data."""
        return self.history.published_at.date() if self.history else today()

    @property
    def lineage(self) -> str:
        """Where the data come from, in Romanian."""
        if self.history is None:
            return "Nu au fost încărcate date."
        named = "; ".join(self.history.sources) or "fără denumirea sursei"
        return f"Date importate și verificate, versiunile cele mai recente: {named}."

    @property
    def keywords(self) -> tuple[str, ...]:
        """Words to find it by, in Romanian."""
        return (self.layer.title.ro, self.theme.ro, "urbanism", "plan urbanistic", "certificat de urbanism")


@dataclass(frozen=True)
class Installation:
    """Whose services these are, and where: ``root`` is the address without a slash at the end."""

    root: str
    name: str
    email: str
    phone: str
    address: str

    @classmethod
    def at(cls, root: str) -> Installation:
        """This installation, reached at that address."""
        authority = AuthoritySettings()
        return cls(
            root.rstrip("/"),
            authority.name,
            authority.email or "contact@vatra.invalid",
            authority.phone,
            authority.address,
        )


def served_by(service: Service, found: list[LayerRecord]) -> list[LayerRecord]:
    """Those of the records whose layer the service serves; all for a service that no layer names (CSW)."""
    return [record for record in found if any(link.type == service.type for link in record.links)] or found


def record_path(identifier: str) -> str:
    """Below the root of the installation, where the ISO 19139 record of that identifier is read."""
    return (
        f"/csw?service=CSW&version=2.0.2&request=GetRecordById&id={identifier}"
        "&outputSchema=http://www.isotc211.org/2005/gmd&elementSetName=full"
    )


def records(layers: Iterable[Layer], installation: Installation) -> list[LayerRecord]:
    """A record for each layer as of today. Raises DatabaseUnavailable."""
    wanted = list(layers)
    histories = _histories([layer.id for layer in wanted])
    return [record(layer, installation, histories.get(layer.id)) for layer in wanted]


def record(layer: Layer, installation: Installation, history: History | None) -> LayerRecord:
    """The record of one layer whose versions are known."""
    box = extent(layer, today())
    return LayerRecord(
        layer=layer,
        theme=theme_of(layer),
        visibility=visibility(layer),
        degrees=box.degrees if box else ROMANIA,
        history=history,
        links=tuple(_links(layer, installation.root)),
    )


def _links(layer: Layer, root: str) -> Iterable[Link]:
    for name, service in services().items():
        if service.layer and _serves(name, service, layer):
            url = root + service.layer.format(layer=layer.id)
            yield Link(url, service.title.ro, service.type, service.kind)
    for suffix, media_type, name in DOWNLOADS:
        yield Link(f"{root}/downloads/{layer.id}.{suffix}", name, media_type, "download")


def _serves(name: str, service: Service, layer: Layer) -> bool:
    """Tables without geometry are no maps."""
    return layer.geometry is not None or (service.kind == "download" and name != "wfs")


def _histories(layer_ids: list[str]) -> dict[str, History]:
    with database.reading(database.map_url()) as connection:
        rows = (
            connection.cursor(row_factory=class_row(History))
            .execute(
                "SELECT layer, min(valid_from) AS begins, max(published_at) AS published_at,"
                " min(published_at) AS first_published_at,"
                " (array_agg(accuracy_m ORDER BY number DESC))[1] AS accuracy_m,"
                " (array_remove(array_agg(source ORDER BY number DESC), ''))[1:3] AS sources"
                " FROM catalogue.layer_version WHERE layer = ANY(%s) GROUP BY layer",
                [layer_ids],
            )
            .fetchall()
        )
    return {row.layer: row for row in rows}
