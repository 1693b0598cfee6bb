"""The layer tree of the map: groups, what is drawn at first, in which order and look, and at which scales."""

from __future__ import annotations

from dataclasses import dataclass

from gis_app.map.texts import Language
from layers.catalogue import Layer
from layers.groups import grouped, groups
from layers.visibility import visibility
from tiles.themes import get_theme

# What the map shows when it is opened, and what may lie over what.
FIRST = "planning"


@dataclass(frozen=True)
class Branch:
    """A group of layers."""

    name: str
    title: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True)
class Leaf:
    """A layer of the tree. ``looks`` are the variants of its style, from the lowest; ``rank`` its place in the
    drawing order; ``largest`` the scale denominator beyond which it is not drawn; ``restricted`` layers are not for
    everybody."""

    id: str
    title: str
    shown: bool
    rank: int
    looks: tuple[str, ...]
    largest: int
    restricted: bool


def tree(seen: dict[str, Layer], language: Language) -> list[Branch]:
    """The drawable ones of these layers, by group."""
    drawable = {name: layer for name, layer in seen.items() if layer.geometry and layer.style}
    order = {name: rank for rank, name in enumerate(drawing_order(drawable))}
    return [
        Branch(
            name,
            getattr(groups()[name], language),
            tuple(_leaf(layer, order[layer.id], language) for layer in members),
        )
        for name, members in grouped(drawable).items()
    ]


def drawing_order(layers: dict[str, Layer]) -> list[str]:
    """The layers from the lowest: areas with fills under outlines, lines above, points on top.

    Those of the opening theme keep its order among each other.
    """
    theme = [name for name in get_theme(FIRST).layer_ids if name in layers]
    return sorted(
        layers, key=lambda name: (_height(layers[name]), theme.index(name) if name in theme else -1)
    )


def _height(layer: Layer) -> int:
    if layer.schema_name in {"imagery", "terrain"}:
        return 0
    if "Point" in str(layer.geometry):
        return 5
    if "Line" in str(layer.geometry):
        return 4
    if layer.id.startswith("cadastre."):
        return 2
    return 1 if any(rule.fill for rule in layer.style) else 3


def _leaf(layer: Layer, rank: int, language: Language) -> Leaf:
    entries = [entry.variant for entry in get_theme(FIRST).layers if entry.layer == layer.id]
    return Leaf(
        layer.id,
        getattr(layer.title, language),
        bool(entries),
        rank,
        tuple(entries) or ("default",),
        layer.scale.max,
        visibility(layer) != "public",
    )
