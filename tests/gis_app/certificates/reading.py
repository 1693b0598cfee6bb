"""Reading a document that was composed."""

from __future__ import annotations

from gis_app.certificates.document import Boxes, Document, Fields, Node, Section, Table


def section(document: Document, title: str) -> Section:
    """The section of that title."""
    return next(each for each in document.sections if each.title == title)


def words(part: Node) -> str:
    """All texts of a part, on one line."""
    return " ".join(part.words()).replace("\u00a0", " ")


def rows(document: Document, title: str) -> list[tuple[str, ...]]:
    """Pairs (provision, act) of a section's table."""
    table = next(block for block in section(document, title).blocks if isinstance(block, Table))
    return [tuple(words(cell) for cell in row.cells) for row in table.rows if not row.heading]


def headings(document: Document, title: str) -> list[str]:
    """The headings inside a section's table."""
    table = next(block for block in section(document, title).blocks if isinstance(block, Table))
    return [words(row) for row in table.rows if row.heading]


def fields(document: Document) -> dict[str, str | None]:
    """Values of all fields by id; None is a place for a person."""
    return {
        field.id: words(field.value) if field.value else None
        for each in document.sections
        for block in each.blocks
        if isinstance(block, Fields)
        for field in block.fields
    }


def ticked(document: Document) -> set[str]:
    """Labels of the boxes that are ticked."""
    return {
        box.label
        for each in document.sections
        for block in each.blocks
        if isinstance(block, Boxes)
        for box in block.boxes
        if box.ticked
    }
