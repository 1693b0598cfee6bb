"""Zones, built-up areas and regulation of the whole county as layers."""

from __future__ import annotations

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.features import Features, collect
from layers.demo.ground import Ground
from layers.demo.place import Place
from layers.demo.regulation import make_regulation
from layers.demo.zoning import TITLES, Overlay, Zone, make_zones

# Plots front a road with straight sides, the road's land is curved: zones of roads stay this far off them
FRONT_GAP_M = 0.3

Row = tuple[BaseGeometry, dict[str, Any]]


def zone_places(ground: Ground, overlays: dict[int, list[Overlay]]) -> dict[int, list[Zone]]:
    """Zones of every place; its built-up areas become exactly the sum of theirs."""
    track = shapely.LineString(ground.rail.xy).buffer(12)
    express = [road for road in ground.roads if road.category == "DX"]
    zones = {}
    for place in ground.places:
        near = place.land.envelope.buffer(50)
        roads = [
            *place.roads,
            *place.streets,
            *(road for road in express if road.line.intersects(place.land)),
        ]
        road_land = place.strips(roads, FRONT_GAP_M)
        beds, rails = (shapely.intersection(land, near) for land in (ground.waters.land, track))
        zones[place.index], place.built_up = make_zones(
            place, road_land, rails, beds, overlays.get(place.index, [])
        )
    return zones


def zone_tables(places: list[Place], zones: dict[int, list[Zone]]) -> dict[str, Features]:
    """Built-up areas, zones and the regulation of every plan that sets zones."""
    built: list[Row] = []
    rows: list[Row] = []
    used: dict[tuple[int, str, str], None] = {}
    for place in places:
        general = f"PUG-{place.siruta}"
        built += [
            (land, {"siruta": place.siruta, "locality": name, "plan_code": general})
            for name, land in place.built_up.items()
        ]
        for zone in zones[place.index]:
            plan = zone.plan or general
            used[(place.siruta, plan, zone.code)] = None
            rows.append(
                (
                    zone.land,
                    {
                        "siruta": place.siruta,
                        "plan_code": plan,
                        "code": zone.code,
                        "utr": zone.utr,
                        "title": TITLES[zone.code],
                        "subzone": f"{zone.code}1" if zone.code == "Li" and place.kind == "comuna" else None,
                    },
                )
            )
    return {
        "admin.built_up_area": collect("admin.built_up_area", built),
        "planning.zone": collect("planning.zone", rows),
        "planning.regulation": make_regulation(used),
    }
