"""A plan on paper: PDF/UA and PNG, by Typst from the plan's sheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import typst

from tiles.fonts import FAMILY, font_file
from tiles.plans.plan import Plan

PIXELS_PER_INCH = 300.0
TEMPLATE = Path(__file__).with_name("page.typ")


def plan_pdf(plan: Plan, made_at: datetime) -> bytes:
    """The plan as PDF/UA-1 on its paper; ``made_at`` (with time zone) is written on it and is its creation date."""
    compiled: bytes = typst.compile(
        template(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs=_inputs(plan, plan.sheets, made_at),
        pdf_standards=["ua-1"],
        timestamp=made_at.astimezone(UTC).replace(microsecond=0),
    )
    return compiled


def plan_png(plan: Plan, made_at: datetime, pixels_per_inch: float = PIXELS_PER_INCH) -> bytes:
    """The plan's first page as PNG."""
    compiled: bytes = typst.compile(
        template(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs=_inputs(plan, plan.sheets[:1], made_at),
        format="png",
        ppi=pixels_per_inch,
    )
    return compiled


@cache
def template() -> bytes:
    """The page's template."""
    return TEMPLATE.read_bytes()


@cache
def fonts() -> typst.Fonts:
    """The folder of our typeface and no other, so that every machine prints the same page."""
    folder = font_file("regular").parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def _inputs(plan: Plan, sheets: Sequence[str], made_at: datetime) -> dict[str, str]:
    content = {
        "title": f"{plan.title}, scara 1:{plan.scale}",
        "alt": plan.alt,
        "font": FAMILY,
        "made": f"Întocmit automat la {made_at:%d.%m.%Y, %H:%M}",
        "sheets": sheets,
        "paper": asdict(plan.paper),
    }
    return {"plan": json.dumps(content)}
