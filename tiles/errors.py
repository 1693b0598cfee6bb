"""What goes wrong in drawing. Apart from MapServer, so that who asks for a drawing need not load it."""

from __future__ import annotations

from layers.errors import VatraError


class DrawingFailed(VatraError):
    """MapServer could not draw the map."""
