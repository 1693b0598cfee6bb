"""The part of the ground that a map shows, and where it lies on the paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """The part of the ground on the paper: its north-west corner (m, EPSG:3844), scale 1:n and size in mm."""

    west: float
    north: float
    scale: int
    width_mm: float
    height_mm: float

    @property
    def metres_per_mm(self) -> float:
        """Metres on the ground for a millimetre on paper."""
        return self.scale / 1000

    @property
    def east(self) -> float:
        """East edge (m)."""
        return self.west + self.width_mm * self.metres_per_mm

    @property
    def south(self) -> float:
        """South edge (m)."""
        return self.north - self.height_mm * self.metres_per_mm

    def on_paper(self, x: float, y: float) -> tuple[float, float]:
        """Millimetres from the window's upper left corner, to the right and down."""
        return (x - self.west) / self.metres_per_mm, (self.north - y) / self.metres_per_mm
