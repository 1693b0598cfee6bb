"""The catalogue names what derived layers are worked out from, for visibility follows it."""

from __future__ import annotations

from analysis import derived
from layers.catalogue import catalogue


def test_the_catalogue_names_every_source() -> None:
    named = {source for layer in catalogue().values() for source in layer.sources}
    assert named == derived.sources()
