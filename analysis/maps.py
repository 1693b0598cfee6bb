"""A check on an interactive map, for notebooks."""

from __future__ import annotations

import folium

from analysis.findings import CheckReport
from analysis.frames import findings_frame, subject_frame

COLOURS = {
    "zoning": "#b8860b",
    "restriction": "#b00020",
    "approval": "#c25700",
    "information": "#3a5a78",
    "competence": "#555555",
}


def explain(report: CheckReport) -> folium.Map:
    """The parcel with each finding as a layer to switch on; the sentence stands in the finding's popup.

    Drawn on a white ground: no tiles are fetched from anywhere.
    """
    land = subject_frame(report).to_crs("EPSG:4326")
    south_west, north_east = _corners(land.total_bounds)
    picture = folium.Map(tiles=None, control_scale=True)
    folium.GeoJson(
        land,
        name=f"Imobilul {report.subject.cadastral_number or ''}".strip(),
        style_function=lambda _: {"color": "#d4001a", "weight": 3, "fill": False},
    ).add_to(picture)
    found = findings_frame(report).to_crs("EPSG:4326")
    for name, row in found[~found.geometry.isna() & ~found.geometry.is_empty].iterrows():
        colour = COLOURS[row.effect]
        layer = folium.GeoJson(
            row.geometry.__geo_interface__,
            name=f"{name} · {row.rule}",
            show=row.effect in ("restriction", "approval"),
            style_function=lambda _, colour=colour: {"color": colour, "weight": 2, "fillOpacity": 0.25},
        )
        layer.add_child(folium.Popup(f"<p>{row.text}</p><p><small>{row.acts}</small></p>", max_width=360))
        layer.add_to(picture)
    folium.LayerControl(collapsed=False).add_to(picture)
    picture.fit_bounds([south_west, north_east])
    return picture


def _corners(bounds: tuple[float, float, float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    west, south, east, north = bounds
    return (south, west), (north, east)
