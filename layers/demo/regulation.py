"""The local regulation of the demo plans: 22 articles a zone, as Ordin MDLPA 1022/2026 lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from layers.demo.features import Features, collect

SOURCE = Path(__file__).with_name("local_regulation.yaml")

Figure = tuple[int, str, str, str, str, str]

# article, item, key in the file, unit, modality, sentence: a figure is a lowest or a highest value
LOWEST: tuple[Figure, ...] = (
    (
        4,
        "area_min",
        "area",
        "m2",
        "obligatoriu",
        "Este obligatorie o suprafață a parcelei de cel puțin {} m².",
    ),
    (
        4,
        "front_min",
        "front",
        "m",
        "obligatoriu",
        "Este obligatorie o deschidere la stradă de cel puțin {} m.",
    ),
    (
        5,
        "access_width",
        "access",
        "m",
        "obligatoriu",
        "Este obligatoriu un acces carosabil direct sau prin servitute de cel puțin {} m lățime.",
    ),
    (
        7,
        "green_min",
        "green",
        "%",
        "obligatoriu",
        "Este obligatoriu ca cel puțin {} % din parcelă să fie spațiu verde, pe sol natural.",
    ),
    (
        9,
        "setback_street",
        "street",
        "m",
        "obligatoriu",
        "Este obligatorie retragerea clădirilor la cel puțin {} m față de aliniament.",
    ),
    (
        10,
        "side",
        "side",
        "m",
        "obligatoriu",
        "Este obligatorie o distanță de cel puțin {} m față de limitele laterale, dar nu sub jumătate din înălțime.",
    ),
    (
        10,
        "rear",
        "rear",
        "m",
        "obligatoriu",
        "Este obligatorie o distanță de cel puțin {} m față de limita posterioară, dar nu sub jumătate din înălțime.",
    ),
    (
        11,
        "between_buildings",
        "between",
        "m",
        "obligatoriu",
        "Este obligatorie o distanță de cel puțin {} m între clădirile de pe aceeași parcelă.",
    ),
)
HIGHEST: tuple[Figure, ...] = (
    (
        8,
        "fence_h",
        "fence",
        "m",
        "permis",
        "Se permit împrejmuiri de cel mult {} m înălțime, cu soclu plin de cel mult 0,6 m spre stradă.",
    ),
    (13, "h", "h", "m", "permis", "Se permite o înălțime de cel mult {} m la cornișă."),
    (
        22,
        "density",
        "density",
        "locuințe/ha",
        "permis",
        "Se permite o densitate de cel mult {} locuințe la hectar.",
    ),
)
TEXTLESS = {
    22: "Se permite densitatea care rezultă din indicii zonei; nu se stabilește o limită proprie.",
    8: "Se interzic împrejmuirile care împiedică funcțiunea zonei.",
}


def number(value: float) -> str:
    """As Romanians write it: 3,5."""
    return f"{value:g}".replace(".", ",")


@cache
def source() -> dict[str, Any]:
    """The file's content."""
    content: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return content


def articles(code: str) -> Iterator[dict[str, Any]]:
    """Rows of all 22 articles for a zone code. KeyError if the file has no such zone."""
    data = source()
    zone = data["zones"][code]
    for article, (modality, kind) in enumerate(
        (("permis", "permitted"), ("conditionat", "conditional"), ("interzis", "forbidden")), start=1
    ):
        yield {"article": article, "item": "uses", "modality": modality, "body": zone["uses"][kind]}
    for (article, item, key, unit, modality, sentence), bound in (
        *((figure, "value_min") for figure in LOWEST),
        *((figure, "value_max") for figure in HIGHEST),
    ):
        value = zone[key]
        if value is None:
            body = TEXTLESS.get(
                article, "Se permite configurația cerută de funcțiunea zonei; nu se stabilește o valoare."
            )
            yield {"article": article, "item": item, "modality": "permis", "body": body}
        else:
            yield {
                "article": article,
                "item": item,
                "modality": modality,
                "body": sentence.format(number(value)),
                bound: float(value),
                "unit": unit,
            }
    yield {
        "article": 6,
        "item": "parking",
        "modality": "obligatoriu",
        "body": f"Este obligatorie parcarea pe parcelă: {zone['parking']}.",
    }
    yield {
        "article": 12,
        "item": "h",
        "modality": "permis",
        "body": "Se permite orice înălțime sub cea maximă; nu se stabilește o înălțime minimă.",
    }
    low, high, text = zone["levels"]
    yield {
        "article": 14,
        "item": "levels",
        "modality": "obligatoriu",
        "value_min": float(low),
        "unit": "niveluri",
        "body": f"Este obligatoriu un regim de înălțime de cel puțin {low} {'nivel' if low == 1 else 'niveluri'}.",
    }
    yield {
        "article": 15,
        "item": "levels",
        "modality": "permis",
        "value_max": float(high),
        "unit": "niveluri",
        "body": f"Se permite un regim de înălțime de cel mult {text}.",
    }
    yield {
        "article": 16,
        "item": "exterior",
        "modality": "obligatoriu",
        "body": data["exterior"][zone["character"]],
    }
    yield {
        "article": 17,
        "item": "servicing",
        "modality": "obligatoriu",
        "body": data["servicing"][zone["character"]],
    }
    yield from coefficients(zone)


def coefficients(zone: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Articles 18–21: the lowest and highest POT and CUT."""
    for first, item, key, unit in ((18, "POT", "pot", "%"), (20, "CUT", "cut", "ADC/m2")):
        low, high = zone[key]
        shown = " %" if unit == "%" else ""
        if low is None:
            yield {
                "article": first,
                "item": item,
                "modality": "permis",
                "body": f"Nu se stabilește un {item} minim; se permite orice valoare sub cea maximă.",
            }
        else:
            yield {
                "article": first,
                "item": item,
                "modality": "obligatoriu",
                "value_min": float(low),
                "unit": unit,
                "body": f"Este obligatoriu un {item} de cel puțin {number(low)}{shown}.",
            }
        yield {
            "article": first + 1,
            "item": item,
            "modality": "permis",
            "value_max": float(high),
            "unit": unit,
            "body": f"Se permite un {item} de cel mult {number(high)}{shown}.",
        }


def make_regulation(zones: Iterable[tuple[int, str, str]]) -> Features:
    """Rows for (siruta, plan code, zone code) triples, in the order of articles."""
    rows = [
        (None, {"siruta": siruta, "plan_code": plan, "zone_code": code, **row})
        for siruta, plan, code in zones
        for row in sorted(articles(code), key=lambda row: row["article"])
    ]
    return collect("planning.regulation", rows)
