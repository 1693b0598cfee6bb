"""Scales of plans and sizes of paper."""

from __future__ import annotations

from dataclasses import dataclass

from layers.errors import VatraError

# Cod art. 253 asks for a plan at a legible scale; plans are drawn at these, larger areas at the rest.
LEGAL_SCALES = (500, 1000, 2000, 5000)
WIDER_SCALES = (10_000, 25_000, 50_000, 100_000, 200_000)
SCALES = LEGAL_SCALES + WIDER_SCALES
SMALLEST_MARGIN = 0.15


class PlanError(VatraError):
    """A plan that cannot be drawn as asked."""


@dataclass(frozen=True)
class Paper:
    """A sheet and the part of it a plan fills, in mm: on A4 what a certificate's page has left under a heading."""

    width: float
    height: float
    left: float = 20.0
    right: float = 18.0
    top: float = 25.0
    bottom: float = 30.0

    @property
    def content(self) -> tuple[float, float]:
        """Width and height of the plan."""
        return self.width - self.left - self.right, self.height - self.top - self.bottom


PAPERS = {
    "A4": Paper(210, 297),
    "A4-landscape": Paper(297, 210),
    "A3": Paper(297, 420),
    "A3-landscape": Paper(420, 297),
}


def get_paper(name: str) -> Paper:
    """The paper of that name; PlanError lists the known ones."""
    try:
        return PAPERS[name]
    except KeyError:
        raise PlanError(f"no paper {name!r}; known: {', '.join(PAPERS)}") from None


def choose_scale(
    extent: tuple[float, float], window: tuple[float, float], margin: float, largest: int = 1
) -> int:
    """The largest scale at which ``extent`` (m) leaves ``margin`` (a share) free on each side of ``window`` (mm).

    No scale is larger than 1:``largest``. A legal scale with a smaller margin, down to 15 %, is better than
    one beyond 1:5000.
    """
    for share, scales in ((margin, LEGAL_SCALES), (SMALLEST_MARGIN, LEGAL_SCALES), (SMALLEST_MARGIN, SCALES)):
        for scale in scales:
            if scale >= largest and fits(extent, window, scale, share):
                return scale
    raise PlanError(
        f"the land is {extent[0]:.0f} m by {extent[1]:.0f} m: too large for a plan, even at 1:{SCALES[-1]}"
    )


def check_scale(scale: int, extent: tuple[float, float], window: tuple[float, float]) -> None:
    """PlanError where the scale is none of ours, or the land does not fit the paper at it."""
    if scale not in SCALES:
        known = ", ".join(f"1:{known}" for known in SCALES)
        raise PlanError(f"1:{scale} is no scale for a plan; use one of {known}")
    if not fits(extent, window, scale, 0.0):
        better = choose_scale(extent, window, SMALLEST_MARGIN)
        raise PlanError(
            f"the land is {extent[0]:.1f} m by {extent[1]:.1f} m and does not fit the sheet at 1:{scale};"
            f" 1:{better} does, or a larger paper"
        )


def fits(extent: tuple[float, float], window: tuple[float, float], scale: int, margin: float) -> bool:
    """Whether the extent leaves that share of the window free on each side."""
    return all(
        metres * 1000 / scale <= room * (1 - 2 * margin) for metres, room in zip(extent, window, strict=True)
    )
