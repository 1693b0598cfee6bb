"""What the process takes and gives, from the models of the REST API."""

from __future__ import annotations

from typing import Any

from analysis.findings import CheckReport
from gis_app.api.models import EXAMPLES, CheckRequest

PROCESS = "parcel-check"
TITLES = {
    "parcel": {"ro": "Imobil înscris", "en": "A registered parcel"},
    "parcels": {"ro": "Mai multe imobile", "en": "Several parcels"},
    "geometry": {"ro": "Teren desenat (GeoJSON)", "en": "Land as drawn (GeoJSON)"},
    "coordinates": {"ro": "Listă de coordonate", "en": "A list of coordinates"},
    "crs": {"ro": "Sistemul de coordonate", "en": "CRS of the coordinates"},
    "as_of": {"ro": "Ziua pentru care se verifică", "en": "The day to check for"},
}


def _described() -> dict[str, Any]:
    schema = CheckRequest.model_json_schema()
    definitions = schema.get("$defs", {})
    inputs = {
        name: {
            "title": title,
            "description": title,
            "schema": _alone(schema["properties"][name], definitions),
            "minOccurs": 0,
        }
        for name, title in TITLES.items()
    }
    report = {"ro": "Raportul verificării", "en": "The report of the check"}
    return {
        "version": "1.0.0",
        "id": PROCESS,
        "title": {"ro": "Verificarea unui imobil", "en": "Check of a parcel"},
        "description": {
            "ro": "Verifică un teren față de toate regulile cartate: ce se aplică, ce nu, ce nu s-a putut verifica.",
            "en": "Checks land against every mapped rule: what applies, what does not, what could not be checked.",
        },
        "keywords": {"ro": ["urbanism", "imobil"], "en": ["planning", "parcel"]},
        "jobControlOptions": ["sync-execute", "async-execute"],
        "links": [],
        "inputs": inputs,
        "outputs": {
            "report": {
                "title": report,
                "description": report,
                "schema": {
                    "contentMediaType": "application/json",
                    **CheckReport.model_json_schema(mode="serialization", by_alias=True),
                },
            }
        },
        "example": {"inputs": EXAMPLES["parcel"]},
    }


def _alone(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A property's schema with the definitions that it refers to."""
    return {**schema, "$defs": definitions} if "$ref" in str(schema) else schema


DESCRIPTION = _described()
