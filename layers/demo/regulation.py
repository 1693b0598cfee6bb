"""The local regulation of the demo plans: 22 articles a zone, as Ordin MDLPA 1022/2026 lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from layers.demo.features import Features, collect

SOURCE = Path(__file__).with_name("local_regulation.yaml")
USES = (("permitted", "permis"), ("conditional", "conditionat"), ("forbidden", "interzis"))
# The order wants "se permite", "se interzice" or "este obligatoriu" and no vaguer word
MODALITIES = (("Este obligator", "obligatoriu"), ("Se interzic", "interzis"), ("Se permit", "permis"))


@cache
def source() -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return content


def modality_of(sentence: str) -> str:
    """What a sentence says of the thing it rules, by its first words. ValueError if it says it vaguely."""
    for words, modality in MODALITIES:
        if sentence.startswith(words):
            return modality
    raise ValueError(f"no modality in {sentence!r}")


@cache
def articles(code: str) -> tuple[dict[str, Any], ...]:
    """Rows of all 22 articles for a zone code, in their order. KeyError if the file has no such zone."""
    data = source()
    zone = dict(data["zones"][code])
    zone["levels_min"], zone["levels_max"], zone["levels"] = zone["levels"]
    zone["pot_min"], zone["pot_max"] = zone.pop("pot")
    zone["cut_min"], zone["cut_max"] = zone.pop("cut")
    return (*_uses(zone["uses"]), *(_provision(entry, zone, data) for entry in data["provisions"]))


def _uses(uses: dict[str, str]) -> Iterator[dict[str, Any]]:
    for article, (kind, modality) in enumerate(USES, start=1):
        yield {"article": article, "item": "uses", "modality": modality, "body": uses[kind]}


def _provision(entry: dict[str, Any], zone: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    value: Any = zone[entry["key"]] if "key" in entry else None
    figures: dict[str, Any] = {}
    if "by" in entry:
        body = data[entry["by"]][zone["character"]]
    elif "key" in entry and value is None:
        body = entry["without"]
    else:
        body = entry["body"].format(zone[entry["say"]] if "say" in entry else value)
        if "bound" in entry:
            figures = {entry["bound"]: float(value), "unit": entry["unit"]}
    return {
        "article": entry["article"],
        "item": entry["item"],
        "modality": modality_of(body),
        "body": body,
    } | figures


def make_regulation(zones: Iterable[tuple[int, str, str]]) -> Features:
    """Rows for (siruta, plan code, zone code) triples, in the order of articles."""
    rows = [
        (None, {"siruta": siruta, "plan_code": plan, "zone_code": code, **row})
        for siruta, plan, code in zones
        for row in articles(code)
    ]
    return collect("planning.regulation", rows)
