"""What the API takes and gives beside the CheckReport. Unknown members are refused."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self, cast

from flask_openapi3.types import ResponseDict
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator


def example(value: Any) -> dict[str, Any]:
    """An example of a parameter, where flask-openapi3 looks for it."""
    return {"example": value}


# No control characters: PostgreSQL's text cannot hold NUL, and nobody's number has any.
PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Siruta = Annotated[
    int, Field(ge=1, le=999_999, description="SIRUTA code of the UAT", json_schema_extra=example(900060))
]
CadastralNumber = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=PRINTABLE),
    Field(description="Cadastral number in that UAT", json_schema_extra=example("30112")),
]
CrsName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[Ee][Pp][Ss][Gg]:\d{4,6}$"),
    Field(
        description="CRS of the coordinates given; x is east or longitude",
        json_schema_extra=example("EPSG:3844"),
    ),
]
NUMBER = r"\s*-?\d{1,9}(\.\d{1,12})?\s*"
PAIR = f"^{NUMBER},{NUMBER}$"
BOX = f"^{NUMBER}(,{NUMBER}){{3}}$"


class Strict(BaseModel):
    """Parsed input: frozen, and nothing in it is ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _has_type(content: dict[str, Any]) -> dict[str, Any]:
    if "type" not in content:
        raise ValueError("GeoJSON has a type, such as Polygon")
    return content


GeoJSON = Annotated[
    dict[str, Any], AfterValidator(_has_type), Field(json_schema_extra={"required": ["type"]})
]


class ParcelReference(Strict):
    """A registered parcel."""

    siruta: Siruta
    cadastral_number: CadastralNumber


def with_examples(**bodies: dict[str, Any]) -> ConfigDict:
    """Named examples of a body, where flask-openapi3 looks for them."""
    return cast(
        "ConfigDict",
        {"openapi_extra": {"examples": {name: {"value": body} for name, body in bodies.items()}}},
    )


# Land of the demo county, so that every example works there.
EXAMPLES: dict[str, dict[str, Any]] = {
    "parcel": {"parcel": {"siruta": 900060, "cadastral_number": "30112"}},
    "geometry": {
        "geometry": {
            "type": "Polygon",
            "coordinates": [
                [[354560, 396290], [354600, 396290], [354600, 396320], [354560, 396320], [354560, 396290]]
            ],
        },
        "crs": "EPSG:3844",
        "as_of": "2026-11-23",
    },
    "coordinates": {"coordinates": "1 396290.00 354560.00\n2 396290.00 354600.00\n3 396320.00 354580.00"},
}


class SubjectRequest(Strict):
    """The land asked about: ``parcel``, ``parcels``, a drawn ``geometry``, or a surveyor's ``coordinates``.

    A geometry is GeoJSON, an area or a line, with x = east. Coordinates are a text list, a vertex a line:
    number, X (north), Y (east), as surveyors write.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [name]} for name in ("parcel", "parcels", "geometry", "coordinates")]
        }
    )

    parcel: ParcelReference | None = None
    parcels: Annotated[tuple[ParcelReference, ...], Field(min_length=1, max_length=200)] | None = None
    geometry: GeoJSON | None = Field(
        default=None, description="A GeoJSON geometry, Feature or FeatureCollection"
    )
    coordinates: Annotated[str, StringConstraints(min_length=1, max_length=500_000)] | None = None
    crs: CrsName | None = None
    as_of: date | None = Field(
        default=None,
        description="The day to check for; today unless said",
        json_schema_extra={"example": "2026-11-23"},
    )

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        given = [
            name
            for name in ("parcel", "parcels", "geometry", "coordinates")
            if getattr(self, name) is not None
        ]
        if not given:
            raise ValueError("give the land: parcel, parcels, geometry or coordinates")
        if len(given) > 1:
            raise ValueError(f"give the land once, not as {' and '.join(given)}")
        if self.crs is not None and self.geometry is None and self.coordinates is None:
            raise ValueError("crs goes with geometry or coordinates")
        return self


class CheckRequest(SubjectRequest):
    """What to check, and for which day."""

    model_config = with_examples(**EXAMPLES)


class CertificateRequest(SubjectRequest):
    """What to certify: kind F_CU_05 (information), F_CU_06 (cadastral) or F_CU_07 (works)."""

    model_config = with_examples(
        information=EXAMPLES["parcel"],
        works={
            **EXAMPLES["parcel"],
            "kind": "works",
            "purpose": "construire locuință P+1",
            "works": ["dwelling"],
        },
    )

    kind: Literal["information", "cadastral", "works"] = "information"
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None = Field(
        default=None, description="What the certificate is asked for, as it is printed"
    )
    works: Annotated[tuple[str, ...], Field(max_length=8)] = Field(
        default=(),
        description=(
            "For kind works, what is to be built or pulled down: dwelling, building, engineering, demolition,"
            " or what the county adds. The approvals it asks for everywhere are ticked too"
        ),
    )
    draft: bool = Field(
        default=False,
        description="With an issuing token: the unsealed draft that an officer completes, whatever is missing",
    )

    @model_validator(mode="after")
    def _works_of_works(self) -> Self:
        if self.works and self.kind != "works":
            raise ValueError("works goes with kind works")
        return self


class ParcelQuery(Strict):
    """How to find land; several criteria must all hold."""

    siruta: Siruta | None = Field(default=None, json_schema_extra=example(900060))
    cadastral_number: CadastralNumber | None = Field(default=None, json_schema_extra=example("30112"))
    address: Annotated[str, StringConstraints(min_length=2, max_length=200, pattern=PRINTABLE)] | None = (
        Field(
            default=None,
            description="Free text: street, number, locality",
            json_schema_extra=example("Principală 12"),
        )
    )
    point: Annotated[str, StringConstraints(pattern=PAIR)] | None = Field(
        default=None,
        description="x,y: the parcel under a point",
        json_schema_extra=example("354580,396305"),
    )
    bbox: Annotated[str, StringConstraints(pattern=BOX)] | None = Field(
        default=None,
        description="min x, min y, max x, max y",
        json_schema_extra=example("354500,396200,354700,396400"),
    )
    crs: CrsName = Field(default="EPSG:3844", description="CRS of point and bbox")
    limit: int = Field(default=20, ge=1, le=500)

    @model_validator(mode="after")
    def _something_to_find(self) -> Self:
        if not any([self.cadastral_number, self.address, self.point, self.bbox]):
            raise ValueError("give cadastral_number, address, point or bbox")
        return self


class PlanQuery(Strict):
    """Which plan extract of which parcel."""

    siruta: Siruta
    cadastral_number: CadastralNumber
    theme: Literal["planning", "utilities", "cadastre"] = "planning"
    scale: int | None = Field(
        default=None, ge=100, le=200_000, description="1:scale; chosen to fit unless given"
    )
    paper: Literal["A4", "A4-landscape", "A3", "A3-landscape"] = "A4"
    format: Literal["pdf", "png", "svg"] | None = Field(
        default=None, description="Overrides the Accept header"
    )
    finding: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9._-]{1,80}$",
        description="A finding's id (f1) or its rule's: a small map of it, as PNG or SVG, instead of the plan",
    )

    @model_validator(mode="after")
    def _small_maps_are_pictures(self) -> Self:
        if self.finding and self.format == "pdf":
            raise ValueError("the map of a finding is a png or svg")
        return self


class LayerPath(Strict):
    """Which layer."""

    id: str = Field(description="Id in the catalogue", json_schema_extra=example("planning.zone"))


class Fault(BaseModel):
    """One field at fault."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457: what went wrong, and the id under which it is in the log."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None
    errors: list[Fault] | None = None


def problems(*statuses: int) -> ResponseDict:
    """OpenAPI responses for those error statuses, beside the ones every route may give."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"content": content} for status in (*statuses, 422, 500, 503)}
