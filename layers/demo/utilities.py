"""Networks: lines laid along streets in the villages, and across country between towns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.demo.blocks import Block
from layers.demo.corridor import Corridor
from layers.demo.features import Floats
from layers.demo.network import Road
from layers.demo.place import Place

Row = tuple[BaseGeometry, dict[str, Any]]

POWER_GRID, POWER_LOCAL = "Operatorul de transport al energiei", "Distribuție Energie Vatra"
GAS_GRID, GAS_LOCAL = "Operatorul de transport al gazelor", "Vatra Gaz Rețele"
WATER, HEAT, TELECOM = "Apa Vatra", "Termoficare Vatra", "Vatra Telecom Rețele"

SEWER_NOTES = (
    ("bună, PVC SN8, pusă în funcțiune în 2019", "disponibil 35 %, fără restricții de racordare"),
    ("satisfăcătoare, infiltrații la ploi puternice", "disponibil 15 %, racordări sub 2 l/s"),
    ("degradată, prevăzută pentru reabilitare", "fără rezervă până la reabilitare"),
    ("bună, curățată în 2025", "disponibil 50 %"),
)
WATER_NOTES = (
    ("bună, PEID", "presiune 3,2 bar, disponibil 40 %"),
    ("satisfăcătoare, azbociment, avarii repetate", "presiune 2,1 bar, disponibil 10 %"),
    ("bună, PEID, contorizată", "presiune 2,8 bar, disponibil 25 %"),
)
POWER_NOTES = (
    ("bună, conductor torsadat", "rezervă 120 kW în postul de transformare"),
    ("satisfăcătoare, stâlpi de beton din 1985", "rezervă 25 kW în postul de transformare"),
    ("bună, modernizată în 2022", "rezervă 250 kW în postul de transformare"),
)


def services(place: Place) -> dict[str, bool]:
    """Which networks a commune has: electricity and water everywhere, the rest not."""
    town = place.kind != "comuna"
    luck = (place.siruta // 10) % 7
    model = place.siruta == 900_060
    return {
        "sewer": town or model or luck < 3,
        "gas": town or model or luck in (1, 4),
        "heat": place.kind == "municipiu",
        "cable": place.kind == "municipiu",
    }


def axes(place: Place) -> Iterator[tuple[int, Corridor, float, float]]:
    """(rank, corridor, start, end) of every street: the main road through each block, then its side streets."""
    for number, block in enumerate(place.blocks):
        yield 10 * number, block.road.corridor, block.s0, block.s1
    for number, street in enumerate(place.streets):
        yield 1000 + number, street.corridor, 0.0, street.corridor.length


def street_lines(place: Place, inside: BaseGeometry) -> list[Row]:
    """The lines under and over the streets of a commune, at their usual distances from the axis."""
    has = services(place)
    rows: list[Row] = []
    for rank, corridor, start, end in axes(place):
        main = rank < 1000
        edge = 4.6 if main else 2.8

        def lay(
            t: float, corridor: Corridor = corridor, start: float = start, end: float = end, **attributes: Any
        ) -> None:
            rows.append((corridor.line(start, end, t), attributes))

        mood = (place.siruta // 10 + rank // 10) % 12
        power = POWER_NOTES[mood % 3]
        if has["cable"]:
            lay(
                edge,
                network="electricity",
                subtype="distribution",
                voltage_kv=0.4,
                placement="underground",
                operator=POWER_LOCAL,
                material="cablu aluminiu",
                condition="bună",
                capacity="rezervă 400 kW în postul de transformare",
            )
            if main:
                lay(
                    edge - 0.6,
                    network="electricity",
                    subtype="distribution",
                    voltage_kv=20.0,
                    placement="underground",
                    operator=POWER_LOCAL,
                    material="cablu XLPE",
                    condition="bună",
                    capacity="rezervă 1,2 MVA",
                )
        else:
            lay(
                edge,
                network="electricity",
                subtype="distribution",
                voltage_kv=0.4,
                placement="overhead",
                operator=POWER_LOCAL,
                material="conductor torsadat",
                condition=power[0],
                capacity=power[1],
            )
        water = WATER_NOTES[mood % 3]
        lay(
            -edge + 0.9,
            network="water",
            subtype="distribution",
            diameter_mm=160.0 if main else 110.0,
            material="PEID",
            placement="underground",
            operator=WATER,
            condition=water[0],
            capacity=water[1],
        )
        if has["sewer"] and (main or mood % 3):
            sewer = SEWER_NOTES[mood % 4]
            lay(
                0.6,
                network="sewer",
                subtype="combined" if has["heat"] and main else "sanitary",
                diameter_mm=315.0 if main else 250.0,
                material="PVC",
                placement="underground",
                operator=WATER,
                condition=sewer[0],
                capacity=sewer[1],
            )
        if has["gas"] and (main or mood % 2):
            lay(
                -edge,
                network="gas",
                subtype="distribution",
                pressure="reduced" if main else "low",
                diameter_mm=125.0 if main else 90.0,
                material="PEHD",
                placement="underground",
                operator=GAS_LOCAL,
                condition="bună",
                capacity="disponibil 300 Nmc/h",
            )
        if main or mood % 2:
            lay(
                edge - 0.2,
                network="telecom",
                subtype="fibre",
                placement="underground" if has["cable"] else "overhead",
                operator=TELECOM,
                material="fibră optică",
                condition="bună",
                capacity="abonamente disponibile",
            )
        if has["heat"] and rank in (0, 1000, 1001, 1002, 1003):
            lay(
                edge - 1.4,
                network="heat",
                subtype="distribution",
                diameter_mm=250.0,
                material="oțel preizolat",
                placement="underground",
                operator=HEAT,
                condition="reabilitată în 2021",
                capacity="disponibil 2 Gcal/h",
            )
    return [(shapely.intersection(line, inside), row) for line, row in rows if line.intersects(inside)]


def medium_voltage(road: Road, blocks: Iterable[Block]) -> Row | None:
    """A 20 kV overhead line that follows a road from pole to pole and passes behind the villages."""
    corridor = Corridor.make(road.corridor.xy, 260.0)
    stretches = sorted((block.s0 - 130, block.s1 + 130, half_width(block)) for block in blocks)
    s = np.arange(0.0, corridor.length, 240.0)
    t = np.full(len(s), 33.0)
    for start, end, reach in stretches:
        t[(s > start) & (s < end)] = reach + 46
    if len(s) < 3:
        return None
    return shapely.LineString(corridor.at(s, t)), {
        "network": "electricity",
        "subtype": "distribution",
        "voltage_kv": 20.0,
        "placement": "overhead",
        "operator": POWER_LOCAL,
        "material": "OL-AL 50",
        "condition": "bună",
        "capacity": "rezervă 0,8 MVA",
    }


def half_width(block: Block) -> float:
    """How far the plots reach to the left of the road."""
    s = np.linspace(block.s0, block.s1, 12)
    return float(block.row_offsets(2 * block.bands, s)[1].max())


def transformers(place: Place) -> list[Row]:
    """One post a block on the road's edge, with a 20 kV branch to it across the plots."""
    rows: list[Row] = []
    for number, block in enumerate(place.blocks, start=1):
        middle = float(block.breaks[0][len(block.breaks[0]) // 2])
        spot = block.road.corridor.at(np.array([middle]), -(block.road.land_m - 0.9))[0]
        rows.append(
            (
                shapely.Point(spot),
                {
                    "network": "electricity",
                    "subtype": "transformer",
                    "name": f"PT {number} {block.locality} 20/0,4 kV, 250 kVA",
                    "operator": POWER_LOCAL,
                    "fenced": False,
                    "capacity": "250 kVA",
                },
            )
        )
    return rows


def branches(place: Place) -> list[Row]:
    """The 20 kV branches to the transformers, along a limit between two plots."""
    rows: list[Row] = []
    for block in place.blocks:
        middle = np.array([float(block.breaks[0][len(block.breaks[0]) // 2])])
        reach = half_width(block)
        points = block.corridor.at(np.repeat(middle, 2), np.array([reach + 46, -(block.road.land_m - 0.9)]))
        rows.append(
            (
                shapely.LineString(points),
                {
                    "network": "electricity",
                    "subtype": "distribution",
                    "voltage_kv": 20.0,
                    "operator": POWER_LOCAL,
                    "placement": "underground" if place.kind == "municipiu" else "overhead",
                    "material": "OL-AL 35",
                    "condition": "bună",
                    "capacity": "rezervă 0,1 MVA",
                },
            )
        )
    return rows


def spans(rng: np.random.Generator, start: Floats, end: Floats, bends: int) -> shapely.LineString:
    """A high-voltage line or a pipeline: long straights, few angles."""
    share = np.linspace(0, 1, bends + 2)[:, None]
    line = start * (1 - share) + end * share
    line[1:-1] += rng.normal(0, 0.035, (bends, 2)) * np.hypot(*(end - start))
    return shapely.LineString(np.round(line, 3))


def trunk_lines(
    rng: np.random.Generator,
    substations: dict[str, Floats],
    limits: tuple[float, float, float, float],
    river: Corridor,
    town: Floats,
) -> list[Row]:
    """400, 220 and 110 kV, the gas transport pipe, the water adduction and the fibre backbone."""
    west, south, east, north = limits
    middle = substations["400"]
    power = {
        "network": "electricity",
        "subtype": "transport",
        "placement": "overhead",
        "operator": POWER_GRID,
        "condition": "bună",
    }
    rows: list[Row] = [
        (spans(rng, np.array([west, middle[1] + 3_000]), middle, 3), {**power, "voltage_kv": 400.0}),
        (spans(rng, middle, np.array([east, middle[1] - 2_500]), 3), {**power, "voltage_kv": 400.0}),
        (
            spans(rng, np.array([middle[0] - 4_000, south]), substations["220"], 3),
            {**power, "voltage_kv": 220.0},
        ),
        (
            spans(rng, substations["220"], np.array([middle[0] + 9_000, north]), 4),
            {**power, "voltage_kv": 220.0},
        ),
        (spans(rng, middle, substations["220"], 1), {**power, "voltage_kv": 220.0}),
    ]
    for name, spot in substations.items():
        if name not in ("400", "220"):
            rows.append(
                (
                    spans(rng, substations["220"], spot, 2),
                    {
                        **power,
                        "subtype": "distribution",
                        "voltage_kv": 110.0,
                        "operator": POWER_LOCAL,
                        "capacity": "rezervă 12 MVA",
                    },
                )
            )
    pipe = {
        "network": "gas",
        "subtype": "transport",
        "pressure": "transport",
        "placement": "underground",
        "operator": GAS_GRID,
        "material": "oțel",
        "condition": "bună",
        "diameter_mm": 500.0,
        "capacity": "la cerere",
    }
    rows.append((spans(rng, np.array([west, south + 14_000]), np.array([east, south + 19_000]), 5), pipe))
    rows.append(
        (
            spans(rng, np.array([town[0] + 2_600, south + 16_500]), town + np.array([1_900.0, -2_700.0]), 2),
            {**pipe, "diameter_mm": 250.0},
        )
    )
    smooth = Corridor.make(river.xy[::12], 1_500.0)
    begin, end = (
        float(smooth.along[int(np.argmin(np.abs(smooth.xy[:, 1] - y)))]) for y in (432_900.0, town[1] + 1_500)
    )
    s = np.arange(begin, end, 300.0)
    rows.append(
        (
            shapely.LineString(smooth.at(s, 420.0)),
            {
                "network": "water",
                "subtype": "adduction",
                "diameter_mm": 800.0,
                "material": "fontă ductilă",
                "placement": "underground",
                "operator": WATER,
                "condition": "bună",
                "capacity": "240 l/s, disponibil 20 %",
            },
        )
    )
    return rows
