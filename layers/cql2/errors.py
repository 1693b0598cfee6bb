"""What can be wrong with a filter."""

from __future__ import annotations

from layers.errors import VatraError


class BadFilter(VatraError):
    """A filter that cannot be understood or does not fit the layer; ``place`` says where in it."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(f"filter, {place}: {message}" if place else f"filter: {message}")
        self.place = place
