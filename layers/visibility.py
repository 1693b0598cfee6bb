"""Who may see a layer: the catalogue's word, which an installation may narrow but never widen.

The circles lie inside each other: ``public`` is everybody, ``operator`` the network operators and road
administrators that work with the authority, ``staff`` the authority's own people.
"""

from __future__ import annotations

import os
from functools import lru_cache

from layers.catalogue import Layer, Visibility, catalogue, get_layer
from layers.errors import VatraError
from layers.settings import VisibilitySettings

CIRCLES: tuple[Visibility, ...] = ("public", "operator", "staff")


class WidenedVisibility(VatraError):
    """An installation tries to show a layer to more people than the catalogue allows, or names no layer."""


def visibility(layer: Layer) -> Visibility:
    """The widest circle that may see the layer here. Raises WidenedVisibility for wrong settings.

    What is derived from a layer shows where its features lie, so it is for no more people than all its sources.
    """
    own = _narrowed(os.environ.get("VATRA_VISIBILITY")).get(layer.id, layer.visibility)
    of_sources = [visibility(get_layer(source)) for source in layer.sources]
    return max([own, *of_sources], key=CIRCLES.index)


def may_see(circle: Visibility, layer: Layer) -> bool:
    """Whether somebody of that circle sees the layer."""
    return CIRCLES.index(visibility(layer)) <= CIRCLES.index(circle)


def visible(circle: Visibility) -> dict[str, Layer]:
    """The layers that somebody of that circle sees, by id, in the catalogue's order."""
    return dict(_seen(circle, os.environ.get("VATRA_VISIBILITY")))


@lru_cache(maxsize=24)
def _seen(circle: Visibility, _setting: str | None) -> dict[str, Layer]:
    return {layer.id: layer for layer in catalogue().values() if may_see(circle, layer)}


@lru_cache(maxsize=8)
def _narrowed(_setting: str | None) -> dict[str, Visibility]:
    narrowed = VisibilitySettings().visibility
    for name, circle in narrowed.items():
        layer = catalogue().get(name)
        if layer is None:
            raise WidenedVisibility(f"VATRA_VISIBILITY names {name!r}, which is no layer")
        if CIRCLES.index(circle) < CIRCLES.index(layer.visibility):
            raise WidenedVisibility(
                f"VATRA_VISIBILITY shows {name} to {circle!r}; the catalogue allows {layer.visibility!r} at most"
            )
    return narrowed
