"""Kilometre posts: whole kilometres of classified roads, and where these enter or leave a locality or a UAT.

Positions come from the measures of the roads' axes. A limit is where the road passes from land outside to land
inside: where it winds along a limit, within ``NOISE_M``, it does not cross it.
"""

from __future__ import annotations

from psycopg import sql

from analysis.derived.parts import Part, into
from analysis.needs import BUILT_UP, ROADS, UAT
from analysis.roads import MANAGED
from analysis.statement import snippet

LAYER = "derived.kilometre_post"
COLUMN = "kind"
COLUMNS = ("road", "category", "kind", "measure_m", "position", "place", "geom")
# Shorter passes through a locality, and shorter gaps between two of them, are noise of the drawing.
NOISE_M = 10.0


def parts() -> list[Part]:
    """One part a kind of post."""
    return [
        Part("kilometre", _statement("post_kilometre"), (ROADS,)),
        Part("built_up_limit", _statement("post_built_up"), (ROADS, BUILT_UP)),
        Part("uat_limit", _statement("post_uat"), (ROADS, UAT)),
    ]


def _statement(name: str) -> str:
    text = snippet(name).format(
        into=into(COLUMNS),
        roads=snippet("post_roads").format(managed=sql.SQL(", ").join(map(sql.Literal, MANAGED))),
        passes=snippet("post_passes").format(noise=sql.Literal(NOISE_M)),
        position=sql.SQL("'km ' || metre / 1000 || '+' || lpad(mod(metre, 1000)::text, 3, '0')"),
    )
    return text.as_string(None)
