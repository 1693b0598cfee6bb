"""Reports as the check gives them, made by hand, and rules to read them with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from analysis.findings import (
    Approval,
    CheckReport,
    Competence,
    Fee,
    Feature,
    Finding,
    LayerUsed,
    LegalBasis,
    NotChecked,
    RoadAccess,
    Subject,
    UatShare,
)
from analysis.rulebook import Edition, Rule, Rulebook
from layers.catalogue import Meaning

AS_OF = date(2026, 11, 24)
CHECKED_AT = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
CODE = "Legea 169/2026"
PLAN = "PUG-79308"

REGULATION: tuple[dict[str, Any], ...] = (
    {"article": 1, "modality": "permis", "body": "Locuințe individuale și anexe gospodărești; funcțiuni complementare: comerț și servicii de proximitate."},
    {"article": 2, "modality": "conditionat", "body": "Pensiuni cu cel mult 10 camere, cu condiția asigurării parcării în incintă."},
    {"article": 3, "modality": "interzis", "body": "Se interzic depozite en-gros, ferme zootehnice și activități care produc poluare."},
    {"article": 4, "item": "area_min", "modality": "obligatoriu", "value_min": 400, "unit": "m2"},
    {"article": 4, "item": "front_min", "modality": "obligatoriu", "value_min": 12, "unit": "m"},
    {"article": 5, "item": "access_width", "modality": "obligatoriu", "value_min": 3.5, "unit": "m", "body": "Accesul carosabil direct sau prin servitute legal constituită este obligatoriu."},
    {"article": 6, "item": "places", "modality": "obligatoriu", "value_min": 1, "unit": "loc/locuință"},
    {"article": 7, "item": "green_min", "modality": "obligatoriu", "value_min": 30, "unit": "%"},
    {"article": 8, "item": "fence_h", "modality": "permis", "value_max": 2, "unit": "m"},
    {"article": 9, "item": "setback_street", "modality": "obligatoriu", "value_min": 5, "unit": "m"},
    {"article": 10, "item": "side", "modality": "obligatoriu", "value_min": 3, "unit": "m"},
    {"article": 10, "item": "rear", "modality": "obligatoriu", "value_min": 5, "unit": "m"},
    {"article": 11, "item": "between_buildings", "modality": "obligatoriu", "value_min": 4, "unit": "m"},
    {"article": 12, "item": "height", "modality": "obligatoriu", "value_min": 3, "unit": "m"},
    {"article": 13, "item": "height", "modality": "permis", "value_max": 9, "unit": "m"},
    {"article": 15, "item": "levels", "modality": "permis", "body": "P+1E+M"},
    {"article": 16, "modality": "interzis", "body": "Se interzic acoperișurile din materiale strălucitoare."},
    {"article": 17, "modality": "obligatoriu", "body": "Racordarea la apă, canalizare și energie electrică este obligatorie."},
    {"article": 19, "item": "pot_max", "modality": "permis", "value_max": 35, "unit": "%"},
    {"article": 21, "item": "cut_max", "modality": "permis", "value_max": 0.9},
)


def feature(layer: str, row: int, /, **attributes: Any) -> Feature:
    """A feature of a layer's first version."""
    return Feature(layer=layer, id=str(row), version=1, attributes=attributes)


def basis(act: str, article: str | None = None) -> tuple[LegalBasis, ...]:
    """One legal basis."""
    return (LegalBasis(act=act, article=article),)


def findings() -> tuple[Finding, ...]:
    """What a parcel of two zones beside a county road finds."""
    built_up = feature("admin.built_up_area", 7, siruta=79308, locality="Rovinari")
    plan = feature("planning.plan", 3, code=PLAN, kind="PUG", title="PUG oraș Rovinari", approved_by="HCL 12/2019", approved_on="2019-03-15", valid_until="2029-03-15", status="in_force")
    homes = feature("planning.zone", 11, plan_code=PLAN, code="Li", subzone=None, utr="L1", title="locuințe individuale și funcțiuni complementare", regulation=list(REGULATION))
    green = feature("planning.zone", 12, plan_code=PLAN, code="Ve", utr="V3", title="culoare de protecție față de infrastructura tehnică", regulation=[
        {"article": 1, "modality": "permis", "body": "Spații plantate, alei pietonale."},
        {"article": 3, "modality": "interzis", "body": "Se interzice orice construcție, cu excepția rețelelor tehnico-edilitare."},
        {"article": 19, "item": "pot_max", "modality": "permis", "value_max": 0, "unit": "%"},
    ])
    road = feature("roads.road", 21, number="DJ 663", category="DJ", administrator="Consiliul Județean Gorj", carriageway_m=6.0)
    power = feature("utilities.line", 31, network="electricity", subtype="distribution", voltage_kv=20, placement="overhead", operator="Distribuție Energie Oltenia", condition="bună")
    water = feature("utilities.line", 32, network="water", subtype="distribution", diameter_mm=110, material="PEHD", placement="underground", operator="Aparegio Gorj", condition="bună", capacity="disponibilă")
    building = feature("cadastre.building", 41, siruta=79308, cadastral_number="30112", building_code="C1", use="locuință", levels=1)
    return (
        Finding(id="f1", rule="admin.built-up-area", effect="information", feature=built_up, relation="intersects", distance_m=0, overlap_m2=1159.2, overlap_share=0.939, section="legal", legal_basis=basis(CODE, "art. 151"), text="Terenul este parțial în intravilanul localității Rovinari (1.159,20 m², 93,90 %) și parțial în extravilan."),
        Finding(id="f2", rule="planning.plan", effect="information", feature=plan, relation="intersects", distance_m=0, overlap_m2=1234.5, overlap_share=1, section="legal", legal_basis=basis(CODE, "art. 76"), text="Documentația de urbanism în vigoare: PUG oraș Rovinari, aprobat prin HCL 12/2019 din 15.03.2019, valabil până la 15.03.2029."),
        Finding(id="f3", rule="planning.zone", effect="zoning", feature=green, relation="intersects", distance_m=0, overlap_m2=369.1, overlap_share=0.299, section="technical", legal_basis=basis(CODE, "art. 160"), text="Zona Ve."),
        Finding(id="f4", rule="planning.zone", effect="zoning", feature=homes, relation="intersects", distance_m=0, overlap_m2=865.4, overlap_share=0.701, section="technical", legal_basis=basis(CODE, "art. 160"), text="Zona Li."),
        Finding(id="f5", rule="roads.protection-zone", effect="approval", feature=road, relation="within_distance", distance_m=14.23, limit_m=20, overlap_m2=120.5, overlap_share=0.0976, certainty="borderline", margin_m=0.7, status="to_confirm", section="legal", legal_basis=basis("OG 43/1997", "anexa nr. 1 lit. c)"), text="Terenul se află în zona de protecție a drumului DJ 663, la 14,23 m de ax (zona se întinde până la 20 m): lucrările cer acordul administratorului drumului."),
        Finding(id="f6", rule="utilities.available", effect="information", feature=power, relation="nearest", distance_m=8.4, limit_m=100, section="utilities", legal_basis=basis(CODE, "art. 253 alin. (4) lit. d)"), text="Linie electrică la 8,40 m."),
        Finding(id="f7", rule="utilities.available", effect="information", feature=water, relation="nearest", distance_m=22.1, limit_m=100, section="utilities", legal_basis=basis(CODE, "art. 253 alin. (4) lit. d)"), text="Conductă de apă la 22,10 m."),
        Finding(id="f8", rule="utilities.power-corridor", effect="restriction", feature=power, relation="within_distance", distance_m=8.4, limit_m=12, overlap_m2=88.2, overlap_share=0.0714, section="technical", legal_basis=basis("Ordinul ANRE 239/2019"), text="O parte a terenului (88,20 m²) se află în culoarul liniei electrice aeriene de 20 kV (12 m de ax): construcțiile cer avizul operatorului."),
        Finding(id="f9", rule="cadastre.building", effect="information", feature=building, relation="intersects", distance_m=0, overlap_m2=142.0, overlap_share=0.115, section="technical", legal_basis=basis(CODE, "anexa 1"), text="Pe teren există o construcție (C1) cu amprenta de 142,00 m²; POT existent 11,50 %."),
        Finding(id="f10", rule="roads.access", effect="approval", feature=road, relation="nearest", distance_m=14.23, limit_m=50, status="confirmed", section="technical", legal_basis=basis("OG 43/1997", "art. 46 și 52"), text="Acces posibil la DJ 663, km 12+340, partea stângă, front 25,30 m: cere acord prealabil și autorizație de amplasare și acces."),
    )  # fmt: skip


def report(**changes: Any) -> CheckReport:
    """A complete report for parcel 30112; ``changes`` replace its parts."""
    ring = [[370000.0, 400000.0], [370030.0, 400000.0], [370030.0, 400041.15], [370000.0, 400041.15], [370000.0, 400000.0]]  # fmt: skip
    layers = ("admin.built_up_area", "cadastre.parcel", "planning.plan", "planning.zone", "planning.regulation", "roads.road", "utilities.line", "heritage.monument")  # fmt: skip
    made = CheckReport(
        subject=Subject(
            siruta=79308,
            uat="Rovinari",
            uats=(
                UatShare(
                    siruta=79308,
                    name="Rovinari",
                    kind="oras",
                    county="Gorj",
                    has_urbanism_structure=True,
                    overlap_m2=1234.5,
                    overlap_share=1.0,
                ),
            ),
            cadastral_number="30112",
            cadastral_numbers=("30112",),
            land_book_number="30112",
            use_category="CC",
            ownership="private",
            area_m2=1234.5,
            area_legal_m2=1230.0,
            accuracy_m=0.2,
            geometry={"type": "MultiPolygon", "coordinates": [[ring]]},
        ),
        as_of=AS_OF,
        checked_at=CHECKED_AT,
        rule_set="2026-08",
        layers=tuple(
            LayerUsed(id=layer, version=1, valid_from=date(2026, 9, 1), accuracy_m=0.5) for layer in layers
        ),
        findings=findings(),
        not_applicable=("heritage.monument", "planning.restriction"),
        not_checked=(
            NotChecked(rule="environment.flood", layer="environment.flood_zone", reason="no data for this UAT", mandatory=False),
            NotChecked(rule="terrain.slope", layer="terrain.dem", reason="layer never imported", mandatory=False),
        ),
        road_access=(
            RoadAccess(
                road="DJ 663",
                category="DJ",
                administrator="Consiliul Județean Gorj",
                position="km 12+340",
                measure_m=12340.0,
                side="left",
                distance_to_axis_m=14.23,
                frontage_m=25.3,
            ),
        ),
        competence=Competence(issuer="mayor", reason="Imobilul se află într-un singur UAT, cu structură de urbanism."),
        approvals=(
            Approval(code="road-administrator", title="Acordul administratorului drumului DJ 663", route="direct", because=("f5", "f10")),
            Approval(code="electricity", title="Avizul operatorului de distribuție a energiei electrice", route="single_agreement", because=("f8",)),
        ),
        fee=Fee(amount_ron=14.0, basis="Codul fiscal art. 474 alin. (1)", computed_from={"area_m2": 1230}),
    )  # fmt: skip
    return made.model_copy(update=changes)


def rules() -> Rulebook:
    """A rule book with what the reports name: titles, and texts for rules that do not apply."""
    return Rulebook(
        rules={
            entry.id: entry
            for entry in (
                _rule("heritage.monument", "Monumente istorice", "heritage.monument", "legal", "Legea 422/2001", "Imobilul nu este monument istoric și nu se află în zona de protecție a unui monument."),
                _rule("planning.restriction", "Interdicții și rezerve", "planning.restriction", "legal", CODE, "Pe imobil nu sunt instituite interdicții de construire sau rezerve de teren."),
                _rule("environment.flood", "Zone inundabile", "environment.flood_zone", "technical", CODE, None),
                _rule("terrain.slope", "Panta terenului", "terrain.dem", "technical", CODE, None),
                _rule("roads.protection-zone", "Zona de protecție a drumului", "roads.road", "legal", "OG 43/1997", None),
                _rule("planning.zone", "Zona funcțională", "planning.zone", "technical", CODE, None),
            )
        }
    )  # fmt: skip


def _rule(rule: str, title: str, layer: str, section: str, law: str, absent: str | None) -> Rule:
    edition = Edition(
        valid_from=date(2026, 8, 25),
        status="confirmed",
        legal_basis=basis(law),
        text="Se aplică.",
        absent=absent,
    )
    made: Rule = Rule.model_validate(
        {
            "id": rule,
            "title": Meaning(ro=title, en=rule),
            "layer": layer,
            "relation": "intersects",
            "effect": "information",
            "section": section,
            "editions": (edition,),
        }
    )
    return made
