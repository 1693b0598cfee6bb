"""The layer tree of the map: groups, what is drawn at first, in which order and look, and at which scales."""

from __future__ import annotations

from dataclasses import dataclass

from gis_app.map.texts import Language, texts
from layers.catalogue import Layer, Visibility
from layers.days import today
from layers.extents import Bounds, extent
from layers.groups import grouped, groups
from layers.visibility import visibility
from tiles.cache.layers import tile_layers
from tiles.raster.looks import looks
from tiles.raster.reading import deepest_zoom, is_raster
from tiles.themes import get_theme

# What the map shows when it is opened, and what may lie over what.
FIRST = "planning"
FARTHEST = 5_000_000


@dataclass(frozen=True)
class Branch:
    """A group of layers."""

    name: str
    title: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Leaf:
    """A layer of the tree; ``restricted`` ones are not for everybody. Not drawn beyond 1:``largest``.

    A foreign map has somebody to ``credit`` beside the map, a ``form`` (png, jpeg) of its tiles, and ``bounds``.
    A look of a raster has the ``address`` of its tiles, the ``deepest`` zoom of these, and ``bounds``.
    """

    id: str
    title: str
    shown: bool
    largest: int
    restricted: bool
    credit: str | None = None
    form: str = "png"
    bounds: Bounds | None = None
    address: str | None = None
    deepest: int = 0


def tree(seen: dict[str, Layer], language: Language) -> list[Branch]:
    """The drawable ones of these layers, by group."""
    first = get_theme(FIRST).layer_ids
    return [
        Branch(
            name,
            getattr(groups()[name], language),
            tuple(
                Leaf(
                    layer.id,
                    getattr(layer.title, language),
                    layer.id in first,
                    layer.scale.max,
                    visibility(layer) != "public",
                )
                for layer in members
            ),
        )
        for name, members in grouped(drawable(seen)).items()
    ]


def rasters(seen: dict[str, Layer], language: Language) -> list[Leaf]:
    """The looks of the rasters among these layers of which there are files today."""
    day = today()
    places = [(layer, place) for layer in seen.values() if is_raster(layer) and (place := extent(layer, day))]
    return [
        Leaf(
            f"{layer.id}:{look}",
            texts(language).get(f"layers.{look}", getattr(layer.title, language)),
            shown=False,
            largest=FARTHEST,
            restricted=visibility(layer) != "public",
            bounds=place.stereo70,
            address=f"/raster/{layer.id}/{{z}}/{{x}}/{{y}}.webp?look={look}",
            deepest=deepest_zoom(layer, day),
        )
        for layer, place in places
        for look in looks(layer)
    ]


def foreign_maps(circle: Visibility, language: Language) -> list[Leaf]:
    """The foreign maps that the tile cache passes on to that circle."""
    return [
        Leaf(
            one.name,
            getattr(one.title, language),
            shown=False,
            largest=FARTHEST,
            restricted=one.circle != "public",
            credit=one.attribution.text,
            form=one.form,
            bounds=one.foreign.bounds,
        )
        for one in tile_layers(circle).values()
        if one.foreign and one.attribution
    ]


def drawable(seen: dict[str, Layer]) -> dict[str, Layer]:
    """Those of the layers that the WMS shows and people look at: of rasters it has the outlines of files only."""
    return {
        name: layer for name, layer in seen.items() if layer.geometry and layer.style and not is_raster(layer)
    }


def drawing_order(seen: dict[str, Layer]) -> list[tuple[str, str]]:
    """Layers with their looks, from the lowest: the opening theme, then areas, lines and points of other layers."""
    layers = drawable(seen)
    theme = [(entry.layer, entry.variant) for entry in get_theme(FIRST).layers if entry.layer in layers]
    placed = {name for name, _ in theme}
    others = sorted(
        (name for name in layers if name not in placed), key=lambda name: (_height(layers[name]), name)
    )
    return theme + [(name, "default") for name in others]


def _height(layer: Layer) -> int:
    kind = str(layer.geometry)
    return 2 if "Point" in kind else 1 if "Line" in kind else 0
