"""What can be had as tiles: every layer that is drawn, the themes as base maps, and the foreign services."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache

from layers import visibility
from layers.catalogue import Titles, Visibility, catalogue
from tiles import looks
from tiles.cache.cascade import Attribution, Foreign, foreign
from tiles.cache.grids import MATRIX_SETS, MatrixSet
from tiles.themes import THEMES, get_theme

THEME_TITLES = {
    "planning": Titles(ro="Hartă: urbanism", hu="Térkép: településrendezés", en="Map: planning"),
    "utilities": Titles(ro="Hartă: rețele edilitare", hu="Térkép: közművek", en="Map: utilities"),
    "cadastre": Titles(ro="Hartă: cadastru", hu="Térkép: kataszter", en="Map: cadastre"),
}


@dataclass(frozen=True)
class TileLayer:
    """Something cut into tiles. ``entries`` are the layers with their looks, lowest first (none when foreign).

    ``circle`` is the innermost circle of people that its tiles are made for; nobody outside may see them.
    """

    name: str
    title: Titles
    abstract: str
    entries: tuple[tuple[str, str], ...]
    circle: Visibility
    transparent: bool
    licence: str
    form: str = "png"
    attribution: Attribution | None = None
    foreign: Foreign | None = None

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """The layers of ours that are drawn, each once."""
        return tuple(dict.fromkeys(layer for layer, _ in self.entries))

    @property
    def queryable(self) -> bool:
        """Whether it can be asked what lies under a pixel."""
        return self.foreign is None

    @property
    def mime(self) -> str:
        """Media type of its tiles."""
        return f"image/{self.form}"

    @cached_property
    def digest(self) -> str:
        """Changes with everything but the data that decides how its tiles look."""
        parts = (
            self.entries,
            looks.fingerprint(self.entries),
            self.transparent,
            self.form,
            repr(self.foreign),
            repr(MATRIX_SETS),
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def drawn_at(self, matrices: MatrixSet, level: int) -> tuple[str, ...]:
        """The layers that are drawn at the scale of that level (rather one too many where it is a limit)."""
        denominator = matrices.matrices[level].denominator
        scales = {layer: catalogue()[layer].scale for layer in self.layer_ids}
        return tuple(
            layer for layer, scale in scales.items() if scale.min * 0.999 < denominator <= scale.max * 1.001
        )


def tile_layers(circle: Visibility) -> dict[str, TileLayer]:
    """What somebody of that circle can have as tiles, by name, base maps first."""
    return _tile_layers(circle, os.environ.get("VATRA_VISIBILITY"), os.environ.get("VATRA_CASCADE"))


@lru_cache(maxsize=32)
def _tile_layers(circle: Visibility, _narrowed: str | None, _cascade: str | None) -> dict[str, TileLayer]:
    found = [*_themes(circle), *_single(circle), *_foreign(circle)]
    return {layer.name: layer for layer in found}


def _themes(circle: Visibility) -> list[TileLayer]:
    found = []
    for name in THEMES:
        theme = get_theme(name)
        inner, shown = _outermost(tuple((entry.layer, entry.variant) for entry in theme.layers), circle)
        if shown:
            titles = THEME_TITLES[name]
            licence = catalogue()[shown[0][0]].licence
            found.append(TileLayer(f"theme.{name}", titles, theme.title, shown, inner, False, licence))
    return found


def _outermost(
    entries: tuple[tuple[str, str], ...], circle: Visibility
) -> tuple[Visibility, tuple[tuple[str, str], ...]]:
    """What of these the circle sees, and the outermost circle that sees the same: they share their tiles."""
    for wider in visibility.CIRCLES:
        shown = _seen(entries, wider)
        if shown == _seen(entries, circle):
            return wider, shown
    return circle, _seen(entries, circle)


def _seen(entries: tuple[tuple[str, str], ...], circle: Visibility) -> tuple[tuple[str, str], ...]:
    seen = visibility.visible(circle)
    return tuple((layer, look) for layer, look in entries if layer in seen)


def _single(circle: Visibility) -> list[TileLayer]:
    return [
        TileLayer(
            layer.id,
            layer.title,
            layer.abstract.ro,
            ((layer.id, "default"),),
            visibility.visibility(layer),
            True,
            layer.licence,
        )
        for layer in visibility.visible(circle).values()
        if layer.geometry and any(rule.variant == "default" for rule in layer.style)
    ]


def _foreign(circle: Visibility) -> list[TileLayer]:
    inside = visibility.CIRCLES.index(circle)
    return [
        TileLayer(
            one.name,
            one.title,
            one.attribution.text,
            (),
            one.visibility,
            one.transparent,
            one.licence,
            form=one.format.removeprefix("image/"),
            attribution=one.attribution,
            foreign=one,
        )
        for one in foreign().values()
        if visibility.CIRCLES.index(one.visibility) <= inside
    ]
