"""The trace annex, the officer's copy: sentence → finding → rule → act → layer version → measure."""

from __future__ import annotations

from collections.abc import Iterator

from gis_app.certificates.compose.context import Context
from gis_app.certificates.document import (
    Block,
    Boxes,
    Document,
    Fields,
    Listing,
    Paragraph,
    Row,
    Section,
    Sentence,
    Source,
    Table,
)
from gis_app.certificates.romanian import area, metres

COLUMNS = ("Afirmația", "Constatarea și regula", "Temeiul", "Stratul, versiunea, obiectul", "Măsura")
WIDTHS = (7, 7, 7, 8, 5)
TITLE = "Anexă de trasabilitate"
SUBTITLE = "exemplarul funcționarului"
OPENING = (
    "Arată de unde vine fiecare afirmație a documentului: constatarea, regula, temeiul legal, versiunea stratului"
    " de date și distanța sau suprafața măsurată."
)


def trace(document: Document, context: Context) -> Document:
    """A document that lists the sources of another one's sentences, section by section."""
    sections = []
    for section in document.sections:
        rows = tuple(row for sentence in sentences(section) for row in _rows(sentence, context))
        if rows:
            table = Table(columns=COLUMNS, widths=WIDTHS, rows=rows)
            sections.append(Section(number=section.number, title=section.title, blocks=(table,)))
    return document.model_copy(
        update={
            "kind": "trace",
            "title": TITLE,
            "subtitle": SUBTITLE,
            "opening": context.by_form(OPENING),
            "sections": tuple(sections),
            "annexes": (),
            "verification": None,
        }
    )


def sentences(section: Section) -> Iterator[Sentence]:
    """The sentences of a section that rest on data, in printing order."""
    for block in section.blocks:
        for sentence in _of_block(block):
            if any(source.rule or source.layer or source.act for source in sentence.sources):
                yield sentence


def _of_block(block: Block) -> Iterator[Sentence]:
    match block:
        case Paragraph():
            yield from block.sentences
        case Listing():
            yield from block.items
        case Fields():
            for field in block.fields:
                if field.value:
                    yield field.value.model_copy(update={"text": f"{field.label}: {field.value.text}"})
        case Table():
            for row in block.rows:
                yield from _of_row(row)
        case Boxes():
            for box in block.boxes:
                if box.ticked and box.sources:
                    yield Sentence(text=box.label, sources=box.sources)
        case _:
            return


def _of_row(row: Row) -> Iterator[Sentence]:
    """A row is one statement; its cells share their sources, and the act's cell only cites."""
    first = row.cells[0]
    text = " · ".join(cell.text for cell in (row.cells if len(row.cells) > 2 else row.cells[:1]))
    yield first.model_copy(update={"text": text})


def _rows(sentence: Sentence, context: Context) -> Iterator[Row]:
    for at, source in enumerate(sentence.sources):
        texts = (
            sentence.text if at == 0 else "idem",
            _rule(source),
            source.act or "–",
            _layer(source, context),
            _measure(source),
        )
        yield Row(cells=tuple(Sentence(text=text, sources=(source,)) for text in texts))


def _rule(source: Source) -> str:
    return ": ".join(part for part in (source.finding, source.rule) if part) or (source.author or "–")


def _layer(source: Source, context: Context) -> str:
    """The layer and its version; of a finding that no feature caused, those that its rule looked into."""
    layer, number = source.layer, source.layer_version
    if not layer and source.rule in context.rules.rules:
        layer = context.rules.rules[source.rule].layer
        number = context.version(layer)
    if not layer:
        return "–"
    version = f" v{number}" if number else ""
    feature = f", obiectul {source.feature}" if source.feature else ""
    return f"{layer}{version}{feature}"


def _measure(source: Source) -> str:
    parts = []
    if source.distance_m is not None and not (source.distance_m == 0 and source.overlap_m2):
        limit = f" (limita {metres(source.limit_m)})" if source.limit_m is not None else ""
        parts.append(f"la {metres(source.distance_m)}{limit}")
    if source.overlap_m2 is not None:
        parts.append(area(source.overlap_m2))
    if source.certainty == "borderline" and source.margin_m is not None:
        parts.append(f"la limită, ±{metres(source.margin_m)}")
    return "; ".join(parts) or "–"
