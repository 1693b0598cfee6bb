"""A document as a tree of typed, frozen values; PDF, DOCX and JSON are all rendered from it.

Every statement is a :class:`Sentence` that carries its sources: the finding, rule, act, layer version
and measure behind it, or its author where a form or a person wrote it. ``words()`` of every node gives
its texts in printing order, which is how the renderers are tested against each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Caution = Literal["borderline", "to_confirm", "not_checked"]
# Stands on drawn sheets for the document's number: drawings are made before a register gives one, because
# nobody else gets a number meanwhile.
NUMBER_PLACE = "NNN-0000-00000"
State = Literal["issued", "draft", "preview"]


class Node(BaseModel):
    """A value of the tree: unknown keys are mistakes, and it never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def words(self) -> Iterator[str]:
        """The texts of the node in printing order."""
        yield from ()


class Source(Node):
    """Where a sentence comes from: a finding and what is behind it, or an author.

    ``distance_m``, ``limit_m`` and ``margin_m`` in metres, ``overlap_m2`` in square metres, all
    measured in EPSG:3844. ``act`` is printable: "OG 43/1997, anexa 1".
    """

    author: str | None = None
    finding: str | None = None
    rule: str | None = None
    act: str | None = None
    layer: str | None = None
    layer_version: int | None = None
    feature: str | None = None
    relation: str | None = None
    distance_m: float | None = None
    limit_m: float | None = None
    overlap_m2: float | None = None
    certainty: str | None = None
    margin_m: float | None = None


class Sentence(Node):
    """One statement with its sources.

    ``lead`` is the part at its beginning that is printed strong ("POT maxim:"); ``basis`` the act printed
    after it; ``note`` says in a word or two why it must be read with care (``cautions`` says the same to
    programs).
    """

    text: str
    lead: str | None = None
    basis: str | None = None
    note: str | None = None
    sources: tuple[Source, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def words(self) -> Iterator[str]:
        yield from filter(None, (self.text, self.note, self.basis))


class Paragraph(Node):
    """Running text of one or more sentences; ``certify`` is the formula that opens what is certified."""

    kind: Literal["paragraph"] = "paragraph"
    sentences: tuple[Sentence, ...]
    tone: Literal["plain", "certify", "small"] = "plain"

    def words(self) -> Iterator[str]:
        for sentence in self.sentences:
            yield from sentence.words()


class Listing(Node):
    """Statements one under the other, with an optional line above; ``compact`` ones are small, in two columns."""

    kind: Literal["list"] = "list"
    title: str | None = None
    compact: bool = False
    items: tuple[Sentence, ...]

    def words(self) -> Iterator[str]:
        if self.title:
            yield self.title
        for item in self.items:
            yield from item.words()


class FormField(Node):
    """A labelled field as the form prints it; without a value it is a place for a person.

    ``rnc_field`` is the identifier of the national construction register, once published.
    ``width`` in sixths of the line.
    """

    id: str
    label: str
    value: Sentence | None = None
    width: int = 2
    rnc_field: str | None = None

    def words(self) -> Iterator[str]:
        yield self.label
        if self.value:
            yield from self.value.words()


class Fields(Node):
    """Fields set beside each other on a grid of six columns."""

    kind: Literal["fields"] = "fields"
    fields: tuple[FormField, ...]

    def words(self) -> Iterator[str]:
        for field in self.fields:
            yield from field.words()


class Box(Node):
    """A box to tick. ``undecided`` marks one that a person must decide."""

    label: str
    ticked: bool = False
    undecided: bool = False
    note: Sentence | None = None
    sources: tuple[Source, ...] = ()

    def words(self) -> Iterator[str]:
        yield self.label
        if self.note:
            yield from self.note.words()


class Boxes(Node):
    """Boxes under a line of text, in one or more columns."""

    kind: Literal["boxes"] = "boxes"
    title: str | None = None
    boxes: tuple[Box, ...]
    columns: int = 1

    def words(self) -> Iterator[str]:
        if self.title:
            yield self.title
        for box in self.boxes:
            yield from box.words()


class Row(Node):
    """A row of a table; ``heading`` spans all columns with its only cell."""

    cells: tuple[Sentence, ...]
    heading: bool = False

    def words(self) -> Iterator[str]:
        for cell in self.cells:
            yield from cell.words()


class Table(Node):
    """A table whose header repeats on every page. ``widths`` are shares of the line."""

    kind: Literal["table"] = "table"
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[Row, ...]

    def words(self) -> Iterator[str]:
        yield from self.columns
        for row in self.rows:
            yield from row.words()


class Place(Node):
    """A place that a person must fill: what is asked, and of whom."""

    kind: Literal["place"] = "place"
    what: str
    who: str
    lines: int = 1

    def words(self) -> Iterator[str]:
        yield self.what
        yield self.who


class Signature(Node):
    """A signatory's place: function as printed, and the name where it is known."""

    role: str
    name: str | None = None

    def words(self) -> Iterator[str]:
        yield self.role
        if self.name:
            yield self.name


class Signatures(Node):
    """Places for hand or electronic signatures, side by side."""

    kind: Literal["signatures"] = "signatures"
    places: tuple[Signature, ...]

    def words(self) -> Iterator[str]:
        for place in self.places:
            yield from place.words()


class SealPlace(Node):
    """What the page says of the electronic seal that closes the file."""

    kind: Literal["seal"] = "seal"
    lines: tuple[str, ...]
    sealed: bool

    def words(self) -> Iterator[str]:
        yield from self.lines


Block = Annotated[
    Paragraph | Listing | Fields | Boxes | Table | Place | Signatures | SealPlace,
    Field(discriminator="kind"),
]


class Section(Node):
    """A numbered section of the form; ``number`` is None for parts the form leaves unnumbered."""

    number: str | None
    title: str
    blocks: tuple[Block, ...]

    def words(self) -> Iterator[str]:
        if self.number:
            yield self.number
        yield self.title
        for block in self.blocks:
            yield from block.words()


class Annex(Node):
    """A drawing annexed to the document: sheets of SVG as the plan drawer gave them, in their true size.

    ``width_mm`` and ``height_mm`` of every sheet keep the scale; ``alt`` says in words what is drawn.
    """

    title: str
    sheets: tuple[str, ...]
    alt: str
    width_mm: float
    height_mm: float

    def numbered(self, number: str | None) -> Annex:
        """The same with the document's number where the sheets leave a place for it (``NUMBER_PLACE``)."""
        printed = number or "." * len(NUMBER_PLACE)
        return self.model_copy(
            update={"sheets": tuple(sheet.replace(NUMBER_PLACE, printed) for sheet in self.sheets)}
        )

    def words(self) -> Iterator[str]:
        yield self.title


class Letterhead(Node):
    """ANTET: the authority as every form prints it, with the number and day of registration."""

    county: str
    authority: str
    tax_code: str
    address: str
    contact: str
    arms_svg: str | None = None
    number: str | None
    dated: str | None

    def words(self) -> Iterator[str]:
        yield self.authority
        yield from filter(
            None, (self.county, self.tax_code, self.address, self.contact, self.number, self.dated)
        )


class Verification(Node):
    """How to check the document: its address on the authority's site, as text and as QR."""

    url: str
    code: str
    qr_svg: str

    def words(self) -> Iterator[str]:
        yield self.url
        yield self.code


class Document(Node):
    """The whole document. ``produced_at`` is its one timestamp."""

    schema_id: Literal["vatra.document/1"] = "vatra.document/1"
    state: State
    kind: str
    form: str
    form_version: str
    title: str
    subtitle: str | None
    letterhead: Letterhead
    produced_at: datetime
    banner: str | None
    opening: Sentence
    sections: tuple[Section, ...]
    colophon: tuple[Sentence, ...] = ()
    annexes: tuple[Annex, ...] = ()
    verification: Verification | None = None

    def words(self) -> Iterator[str]:
        yield from self.letterhead.words()
        yield self.title
        if self.subtitle:
            yield self.subtitle
        if self.banner:
            yield self.banner
        yield from self.opening.words()
        for section in self.sections:
            yield from section.words()
        for annex in self.annexes:
            yield from annex.words()
        if self.verification:
            yield from self.verification.words()
        for sentence in self.colophon:
            yield from sentence.words()
