"""Official forms as data: what the law prints, section by section, read from ``forms/*.yaml``.

``blocks.yaml`` defines the parts that several forms share; a form takes one over with ``use``. A new
version of a form is a new file; documents remember which one they were made on.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from gis_app.certificates.definitions import read_validated
from gis_app.certificates.errors import UnknownForm
from layers.errors import DefinitionError

FORMS = Path(__file__).parent / "forms"
BLOCKS = "blocks.yaml"

Kind = Literal[
    "information", "cadastral", "works", "works_completion", "road_prior_agreement", "road_access_permit"
]
# What a section may ask of a report; each name is a provider in ``compose``.
TextContent = Literal[
    "legal",
    "legal_absent",
    "utility_notes",
    "not_checked",
    "other_approvals_direct",
    "other_approvals_single",
    "road",
]
TableContent = Literal["economic", "technical", "utilities", "road_distances"]


class Strict(BaseModel):
    """A value read from a form's file: unknown keys are mistakes, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Basis(Strict):
    """A legal basis of the form."""

    act: str
    article: str | None = None


class FieldSpec(Strict):
    """A field with its label as printed; ``width`` in sixths of the line."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    width: Annotated[int, Field(ge=1, le=6)] = 2
    rnc_field: str | None = None


class Tick(Strict):
    """What ticks a box by itself: any of these approvals, annexes or facts about the case."""

    approvals: tuple[str, ...] = ()
    annexes: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


class BoxSpec(Strict):
    """A box with its label as printed. Without ``tick`` only a person may tick it; ``ask``: a person may too."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    tick: Tick | None = None
    ask: bool = False


class FieldsPart(Strict):
    """Fields on a grid."""

    kind: Literal["fields"]
    fields: tuple[FieldSpec, ...]


class BoxesPart(Strict):
    """Boxes under a line of text."""

    kind: Literal["boxes"]
    title: str | None = None
    columns: Annotated[int, Field(ge=1, le=4)] = 1
    boxes: tuple[BoxSpec, ...]


class TextPart(Strict):
    """Statements that follow from the report."""

    kind: Literal["text"]
    content: TextContent
    title: str | None = None
    compact: bool = False


class TablePart(Strict):
    """A table that follows from the report; ``widths`` are shares of the line."""

    kind: Literal["table"]
    content: TableContent
    columns: tuple[str, ...]
    widths: tuple[int, ...]

    @model_validator(mode="after")
    def _a_width_each(self) -> TablePart:
        if len(self.columns) != len(self.widths):
            raise ValueError(f"{len(self.columns)} columns but {len(self.widths)} widths")
        return self


class PlacePart(Strict):
    """A place that a person fills."""

    kind: Literal["place"]
    what: str
    who: str
    lines: int = 1


class NotePart(Strict):
    """Text the form prints as it stands."""

    kind: Literal["note"]
    text: str
    tone: Literal["plain", "certify", "small"] = "small"


class SignaturesPart(Strict):
    """Places for signatures, by the ids of the form's signatories."""

    kind: Literal["signatures"]


class UsePart(Strict):
    """A part shared by several forms, defined in ``blocks.yaml``; replaced when the form is read."""

    kind: Literal["use"]
    block: str


Part = Annotated[
    FieldsPart | BoxesPart | TextPart | TablePart | PlacePart | NotePart | SignaturesPart | UsePart,
    Field(discriminator="kind"),
]


class SectionSpec(Strict):
    """A section with its number (None where the form prints none) and title."""

    number: str | None = None
    title: str
    parts: tuple[Part, ...]


class Signatory(Strict):
    """Who signs: ``head`` of the authority, ``secretary``, ``chief_architect`` or ``road_manager``."""

    id: Literal["head", "secretary", "chief_architect", "road_manager"]
    role: str


class Form(Strict):
    """An official form. ``automatic``: the law lets it be issued under the authority's seal alone."""

    code: str
    version: str
    title: str
    subtitle: str | None = None
    certificate: Kind
    automatic: bool = False
    register_code: Annotated[str, Field(pattern=r"^[A-Z]{2,4}$")]
    legal_basis: tuple[Basis, ...]
    valid_from: date
    valid_to: date | None = None
    opening: str
    sections: tuple[SectionSpec, ...]
    signatories: tuple[Signatory, ...]

    def section(self, title: str) -> SectionSpec:
        """The section of that title; KeyError if there is none."""
        for section in self.sections:
            if section.title == title:
                return section
        raise KeyError(title)

    @model_validator(mode="after")
    def _ids_are_told_apart(self) -> Form:
        seen: set[str] = set()
        for section in self.sections:
            for part in section.parts:
                for entry in _entries(part):
                    if entry.id in seen:
                        raise ValueError(f"the id {entry.id!r} stands twice")
                    seen.add(entry.id)
        return self


def _entries(part: Part) -> tuple[FieldSpec | BoxSpec, ...]:
    if isinstance(part, FieldsPart):
        return part.fields
    return part.boxes if isinstance(part, BoxesPart) else ()


PARTS: TypeAdapter[dict[str, tuple[Part, ...]]] = TypeAdapter(dict[str, tuple[Part, ...]])


def read_blocks(path: Path) -> dict[str, tuple[Part, ...]]:
    """The shared parts by name; DefinitionError names file, line and cause."""
    return read_validated(path, PARTS.validate_python)


def read_form(path: Path) -> Form:
    """One form, its ``use`` parts replaced; DefinitionError names file, line and cause."""
    form = read_validated(path, Form.model_validate)
    if path.stem != form.code:
        raise DefinitionError(path, 1, f"the file defines {form.code!r}; name it {form.code}.yaml")
    blocks = read_blocks(path.with_name(BLOCKS))
    sections = tuple(_resolved(path, section, blocks) for section in form.sections)
    return Form.model_validate(form.model_copy(update={"sections": sections}).model_dump())


def _resolved(path: Path, section: SectionSpec, blocks: dict[str, tuple[Part, ...]]) -> SectionSpec:
    parts: list[Part] = []
    for part in section.parts:
        if not isinstance(part, UsePart):
            parts.append(part)
        elif part.block in blocks:
            parts.extend(blocks[part.block])
        else:
            raise DefinitionError(
                path, _line_of(path, part.block), f"no block {part.block!r}; known: {', '.join(blocks)}"
            )
    return section.model_copy(update={"parts": tuple(parts)})


def _line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if text in line), 1)


@cache
def forms(folder: Path = FORMS) -> dict[str, Form]:
    """All forms by code."""
    paths = (path for path in sorted(folder.glob("*.yaml")) if path.name != BLOCKS)
    return {form.code: form for form in map(read_form, paths)}


def get_form(code: str) -> Form:
    """The form of that code (F_CU_07_01 is an alias the order itself uses); UnknownForm if there is none."""
    known = forms()
    try:
        return known["F_CU_07_1" if code == "F_CU_07_01" else code]
    except KeyError:
        raise UnknownForm(code, list(known)) from None


def form_for(kind: str, on: date) -> Form:
    """The form in force on a day for a kind of certificate; UnknownForm if there is none."""
    for form in forms().values():
        if (
            form.certificate == kind
            and form.valid_from <= on
            and (form.valid_to is None or on < form.valid_to)
        ):
            return form
    raise UnknownForm(f"{kind} ({on.isoformat()})", list(forms()))
