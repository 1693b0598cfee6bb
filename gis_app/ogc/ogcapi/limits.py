"""How much the door gives at once."""

from __future__ import annotations

DEFAULT_LIMIT, MAX_LIMIT = 100, 5_000
