"""A check on an interactive map, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

import folium
import geopandas as gpd
from shapely.geometry import shape

from analysis.findings import CheckReport
from analysis.frames import findings_frame, subject_frame
from analysis.leaflet import SelfContainedMap
from analysis.rulebook import rulebook
from analysis.settings import settings
from analysis.surroundings import REACH_M, surroundings
from layers.catalogue import get_layer

COLOURS = {
    "zoning": "#b8860b",
    "restriction": "#b00020",
    "approval": "#c25700",
    "information": "#3a5a78",
    "competence": "#555555",
}


# What the map page shows when it opens, the lowest first.
USUAL = (
    "environment.forest", "environment.water", "planning.zone", "planning.restriction", "derived.protection_zone",
    "cadastre.parcel", "cadastre.building", "roads.road", "utilities.line", "heritage.monument",
)  # fmt: skip


def explain(
    report: CheckReport,
    layers: Sequence[str] = (),
    reach_m: float = REACH_M,
    database: str | None = None,
) -> folium.Map:
    """The parcel with each finding as a layer to switch on; the sentence stands in the finding's popup.

    ``layers`` are drawn below in the colours of the maps, as far as ``reach_m`` metres from the land and as of the
    report's day (``USUAL`` are those that the map page opens with). Drawn on a white ground: nothing is fetched.
    """
    land = subject_frame(report).to_crs("EPSG:4326")
    south_west, north_east = _corners(land.total_bounds)
    picture = SelfContainedMap()
    around = surroundings(shape(report.subject.geometry), layers, report.as_of, reach_m, database)
    for name, frame in around.items():
        _layer(name, frame).add_to(picture)
    folium.GeoJson(
        land,
        name=f"Imobilul {report.subject.cadastral_number or ''}".strip(),
        style_function=lambda _: {"color": "#d4001a", "weight": 3, "fill": False},
    ).add_to(picture)
    found, titles = findings_frame(report).to_crs("EPSG:4326"), rulebook(settings().rules).rules
    for name, row in found[~found.geometry.isna() & ~found.geometry.is_empty].iterrows():
        colour = COLOURS[row.effect]
        layer = folium.GeoJson(
            row.geometry.__geo_interface__,
            name=f"{name} · {titles[row.rule].title.ro if row.rule in titles else row.rule}",
            show=row.effect in ("restriction", "approval"),
            style_function=lambda _, colour=colour: {"color": colour, "weight": 2, "fillOpacity": 0.25},
        )
        layer.add_child(
            folium.Popup(f"<p>{row.text}</p><p><small>{row.acts} ({row.rule})</small></p>", max_width=360)
        )
        layer.add_to(picture)
    folium.LayerControl().add_to(picture)
    picture.fit_bounds([south_west, north_east])
    return picture


def _layer(name: str, frame: gpd.GeoDataFrame) -> folium.GeoJson:
    # What maps draw by outline or hatch would hide here all that lies beneath.
    filled = any(rule.fill for rule in get_layer(name).style)
    shown = frame.to_crs("EPSG:4326").drop(columns=[n for n in frame if frame[n].dtype.kind == "M"])
    return folium.GeoJson(
        shown,
        name=get_layer(name).title.ro,
        style_function=lambda feature: {
            "color": feature["properties"]["colour"],
            "fillColor": feature["properties"]["colour"],
            "weight": 1,
            "fillOpacity": 0.6 if filled else 0.03,
        },
        marker=folium.CircleMarker(radius=4),
        tooltip=folium.GeoJsonTooltip(fields=["kind"], labels=False),
    )


def _corners(bounds: tuple[float, float, float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = bounds
    return (south, west), (north, east)
