"""The editable copy: the same tree as Word sees it, with the form's code and "pagina x din y" in the footer."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from docx import Document as new_document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from gis_app.certificates.document import (
    Annex,
    Block,
    Boxes,
    Document,
    Fields,
    Listing,
    Paragraph,
    Place,
    SealPlace,
    Section,
    Sentence,
    Signatures,
    Table,
)
from gis_app.certificates.raster import png

FONT = "Source Sans Pro"
ACCENT = RGBColor(0x1F, 0x3A, 0x5F)
GREY = RGBColor(0x5B, 0x64, 0x70)
WARNING = RGBColor(0xA3, 0x33, 0x0F)
LINE_MM = 172
SHEET_MM = 235
GRID = 6
TINT = "EDF1F6"
DOTS = "." * 40


def render_docx(document: Document) -> bytes:
    """The document as an Office Open XML file."""
    writer = Writer(document)
    writer.write()
    written = BytesIO()
    writer.file.save(written)
    return written.getvalue()


class Writer:
    """Writes one tree into one file."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.file = new_document()
        self._page()

    def write(self) -> None:
        """Everything, in the order of the tree."""
        document = self.document
        self._letterhead()
        title = self.file.add_heading(document.title.upper(), level=0)
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if document.subtitle:
            self.line(document.subtitle, size=12, centred=True)
        self.sentence(self.file.add_paragraph(), document.opening)
        for section in document.sections:
            self.section(section)
        if document.verification:
            self._verification()
        for said in document.colophon:
            self.sentence(self.file.add_paragraph(), said, size=7)
        for annex in document.annexes:
            self._annex(annex)

    def section(self, section: Section) -> None:
        """A section's heading and blocks."""
        number = f"{section.number}. " if section.number else ""
        self.file.add_heading(number + section.title.upper(), level=1)
        for block in section.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        """One block of the tree."""
        match block:
            case Paragraph():
                paragraph = self.file.add_paragraph()
                if block.tone == "certify":
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
                for said in block.sentences:
                    self.sentence(paragraph, said, size=8 if block.tone == "small" else None)
            case Listing():
                self._listing(block)
            case Fields():
                self._fields(block)
            case Boxes():
                self._boxes(block)
            case Table():
                self._table(block)
            case Place():
                self.line(f"{block.what} (completează: {block.who})", bold=True)
                for _ in range(block.lines):
                    self.line(DOTS * 3)
            case Signatures():
                self._signatures(block)
            case SealPlace():
                for text in block.lines:
                    self.line(text)

    def sentence(self, paragraph: Any, said: Sentence, size: float | None = None) -> None:
        """A sentence with its strong lead, its note and its act."""
        lead = said.lead if said.lead and said.text.startswith(said.lead) else ""
        self.run(paragraph, lead, bold=True, size=size)
        self.run(paragraph, said.text[len(lead) :], size=size)
        if said.note:
            self.run(paragraph, f" {said.note}", italic=True, size=size)
        if said.basis:
            self.run(paragraph, f" {said.basis}", colour=GREY, size=size)

    def line(
        self, text: str, *, size: float | None = None, bold: bool = False, centred: bool = False
    ) -> None:
        """A paragraph of one run."""
        paragraph = self.file.add_paragraph()
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self.run(paragraph, text, bold=bold, size=size)

    def run(
        self,
        paragraph: Any,
        text: str,
        *,
        bold: bool = False,
        italic: bool = False,
        size: float | None = None,
        colour: RGBColor | None = None,
    ) -> None:
        """A run of text; nothing for an empty one."""
        if not text:
            return
        run = paragraph.add_run(text)
        run.bold, run.italic = bold or None, italic or None
        if size:
            run.font.size = Pt(size)
        if colour is not None:
            run.font.color.rgb = colour

    def _page(self) -> None:
        page = self.file.sections[0]
        page.page_width, page.page_height = Mm(210), Mm(297)
        page.left_margin, page.right_margin = Mm(20), Mm(18)
        page.top_margin, page.bottom_margin = Mm(19), Mm(20)
        normal = self.file.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(9.5)
        normal.paragraph_format.space_after = Pt(3)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "ro-RO")
        normal.element.get_or_add_rPr().append(language)
        for name, size in (("Title", 18), ("Heading 1", 10.5)):
            style = self.file.styles[name]
            style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), ACCENT
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:ascii"), FONT)
            style.element.rPr.rFonts.set(qn("w:hAnsi"), FONT)
        self._properties()
        if self.document.banner:
            banner = page.header.paragraphs[0]
            banner.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self.run(banner, self.document.banner, bold=True, colour=WARNING)
        footer = page.footer.paragraphs[0]
        number = f" · nr. {self.document.letterhead.number}" if self.document.letterhead.number else ""
        self.run(footer, f"{self.document.form} · versiunea {self.document.form_version}{number} · pagina ")
        _field(footer, "PAGE")
        self.run(footer, " din ")
        _field(footer, "NUMPAGES")

    def _properties(self) -> None:
        about = self.file.core_properties
        about.title = " ".join(filter(None, (self.document.title, self.document.subtitle)))
        about.author = self.document.letterhead.authority
        about.language = "ro-RO"
        about.created = about.modified = self.document.produced_at.replace(tzinfo=None)

    def _letterhead(self) -> None:
        head = self.document.letterhead
        self.line("ROMÂNIA" + (f" · JUDEȚUL {head.county.upper()}" if head.county else ""), size=8)
        self.line(head.authority, size=13, bold=True)
        tax_code = f"CIF {head.tax_code}" if head.tax_code else ""
        self.line(" · ".join(filter(None, (tax_code, head.address, head.contact))), size=8)
        self.line(f"Nr. de înregistrare: {head.number or DOTS}   Data: {head.dated or DOTS}", bold=True)

    def _listing(self, block: Listing) -> None:
        if block.title:
            self.line(block.title, bold=True)
        for item in block.items:
            self.sentence(
                self.file.add_paragraph(style="List Bullet"), item, size=8 if block.compact else None
            )

    def _fields(self, block: Fields) -> None:
        grid = self.file.add_table(rows=0, cols=GRID)
        column, cells = GRID, []
        for field in block.fields:
            if column + field.width > GRID:
                cells, column = grid.add_row().cells, 0
            cell = cells[column].merge(cells[column + field.width - 1])
            column += field.width
            self.run(cell.paragraphs[0], field.label, size=7, colour=GREY)
            value = cell.add_paragraph()
            if field.value:
                self.sentence(value, field.value)
            else:
                self.run(value, DOTS, colour=GREY, size=7)

    def _boxes(self, block: Boxes) -> None:
        if block.title:
            self.line(block.title, bold=True)
        for box in block.boxes:
            paragraph = self.file.add_paragraph()
            self.run(paragraph, f"{'☑' if box.ticked else '☐'} ", colour=ACCENT)
            self.run(paragraph, box.label, bold=box.ticked)
            if box.note:
                self.sentence(paragraph, box.note)

    def _table(self, block: Table) -> None:
        table = self.file.add_table(rows=1, cols=len(block.columns))
        table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
        header = table.rows[0]
        _repeat(header)
        for cell, name in zip(header.cells, block.columns, strict=True):
            _shade(cell)
            self.run(cell.paragraphs[0], name, bold=True, size=8)
        for row in block.rows:
            cells = table.add_row().cells
            if row.heading:
                whole = cells[0].merge(cells[-1])
                self.run(whole.paragraphs[0], row.cells[0].text, bold=True, size=8.5, colour=ACCENT)
                continue
            for cell, said in zip(cells, row.cells, strict=True):
                self.sentence(cell.paragraphs[0], said, size=8.5)
        total = sum(block.widths)
        for column, share in zip(table.columns, block.widths, strict=True):
            for cell in column.cells:
                cell.width = Mm(LINE_MM * share / total)

    def _signatures(self, block: Signatures) -> None:
        table = self.file.add_table(rows=1, cols=len(block.places))
        for cell, place in zip(table.rows[0].cells, block.places, strict=True):
            self.run(cell.paragraphs[0], place.role, bold=True)
            if place.name:
                self.run(cell.add_paragraph(), place.name)
            self.run(cell.add_paragraph(), DOTS)

    def _verification(self) -> None:
        check = self.document.verification
        if check is None:
            return
        self.file.add_picture(BytesIO(png(check.qr_svg, 24, 24)), width=Mm(24))
        self.line(f"Verificare: {check.url} · cod {check.code}")

    def _annex(self, annex: Annex) -> None:
        heading = self.file.add_heading(annex.title.upper(), level=1)
        heading.paragraph_format.page_break_before = True
        # The editable copy's line is narrower than the sheet: it shows the drawing, the PDF is to scale.
        share = min(1.0, LINE_MM / annex.width_mm, SHEET_MM / annex.height_mm)
        for sheet in annex.sheets:
            drawn = png(sheet, annex.width_mm, annex.height_mm)
            self.file.add_picture(BytesIO(drawn), Mm(annex.width_mm * share), Mm(annex.height_mm * share))


def _field(paragraph: Any, instruction: str) -> None:
    """A field that Word computes: PAGE, NUMPAGES."""
    run = paragraph.add_run()
    for kind, text in (
        ("begin", None),
        (None, instruction),
        ("separate", None),
        ("result", "1"),
        ("end", None),
    ):
        if kind == "result":
            element = OxmlElement("w:t")
            element.text = text
        elif kind is None:
            element = OxmlElement("w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _repeat(row: Any) -> None:
    """The row stands again at the top of each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _shade(cell: Any) -> None:
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", TINT)):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)
