"""PDF, DOCX and JSON say the same, and the PDF is what an accessible official page has to be."""

import dataclasses
import zipfile
from io import BytesIO

import docx
import pdfplumber
import pytest
from pypdf import PdfReader

from gis_app.certificates.compose import compose
from gis_app.certificates.document import Document
from gis_app.certificates.docx import render_docx
from gis_app.certificates.pdf import render_pdf
from gis_app.certificates.qr import verification
from tests.gis_app.certificates.conftest import draw, normalised, pdf_text

CODES = ["F_CU_05", "F_CU_06", "F_CU_07_0", "F_CU_07_1", "DJ_ACORD", "DJ_AUTORIZATIE"]
NUMBER = "CUI-2026-00017"


@pytest.fixture
def issued(context):
    """An issued F_CU_05 with annexes and a way to verify it."""
    numbered = dataclasses.replace(
        context("F_CU_05", state="issued"), number=NUMBER, seal_lines=("Sigiliu electronic: probă",)
    )
    drawings = (draw(None, "planning"), draw(None, "utilities"))
    return compose(numbered, (), drawings, verification("https://exemplu.ro", NUMBER, "K7QX-2M9P-RT4D"))


def docx_text(file):
    """All text of the body of a Word file, normalised."""
    opened = docx.Document(BytesIO(file))
    return normalised(
        "".join(node.text or "" for node in opened.element.body.iter() if node.tag.endswith("}t"))
    )


@pytest.mark.parametrize("code", CODES)
def test_the_pdf_and_the_editable_copy_say_everything_the_tree_says(context, code):
    document = compose(context(code), (), (draw(None, "planning"),))
    printed, editable = pdf_text(render_pdf(document)).lower(), docx_text(render_docx(document)).lower()
    for text in document.words():
        if text != document.banner:
            assert normalised(text).lower() in printed, text
            assert normalised(text).lower() in editable, text
    assert normalised(document.banner) in printed


def test_an_issued_certificate_prints_everything_too(issued):
    printed, editable = pdf_text(render_pdf(issued)).lower(), docx_text(render_docx(issued)).lower()
    for text in issued.words():
        assert normalised(text).lower() in printed, text
        assert normalised(text).lower() in editable, text


@pytest.mark.parametrize("code", CODES)
def test_json_is_the_tree_itself(context, code):
    document = compose(context(code), (), (draw(None, "planning"),))
    assert Document.model_validate_json(document.model_dump_json()) == document


@pytest.mark.parametrize("code", CODES)
def test_every_page_carries_form_version_and_its_number_of_all(context, code):
    document = compose(context(code), (), (draw(None, "planning"),))
    pages = PdfReader(BytesIO(render_pdf(document))).pages
    for number, page in enumerate(pages, 1):
        text = normalised(page.extract_text())
        assert normalised(f"{code} · versiunea 1.0") in text
        assert normalised(f"pagina {number} din {len(pages)}") in text


def test_the_number_stands_on_every_page_of_an_issued_document(issued):
    for page in PdfReader(BytesIO(render_pdf(issued))).pages:
        assert NUMBER in page.extract_text()


@pytest.mark.parametrize(
    ("state", "banner"),
    [("preview", "previzualizare, fără valoare juridică"), ("draft", "proiect nesigilat, pentru verificare")],
)
def test_every_page_says_that_it_is_a_preview_or_a_draft(context, state, banner):
    document = compose(context("F_CU_05", state=state), (), (draw(None, "planning"),))
    for page in PdfReader(BytesIO(render_pdf(document))).pages:
        assert normalised(banner) in normalised(page.extract_text())
    header = docx.Document(BytesIO(render_docx(document))).sections[0].header
    assert header.paragraphs[0].text == banner


def test_an_issued_document_bears_no_such_mark(issued):
    printed = pdf_text(render_pdf(issued))
    assert "previzualizare" not in printed
    assert "nesigilat" not in printed


def test_the_pdf_is_tagged_titled_and_in_romanian(issued):
    reader = PdfReader(BytesIO(render_pdf(issued)))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].lower().startswith("ro")
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert catalogue["/StructTreeRoot"]
    assert reader.metadata.title == f"Certificat de urbanism de informare nr. {NUMBER}"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data()


def test_its_one_timestamp_is_the_document_s(issued):
    reader = PdfReader(BytesIO(render_pdf(issued)))
    assert reader.metadata.creation_date == issued.produced_at
    assert render_pdf(issued) == render_pdf(issued)


def test_headings_tables_and_pictures_are_tagged(issued):
    kinds = set()

    def walk(node):
        node = node.get_object()
        if isinstance(node, dict):
            kinds.add(node.get("/S"))
            children = node.get("/K", [])
            for child in children if isinstance(children, list) else [children]:
                if not isinstance(child, int):
                    walk(child)
            if node.get("/S") == "/Figure":
                assert node["/Alt"]

    walk(PdfReader(BytesIO(render_pdf(issued))).trailer["/Root"]["/StructTreeRoot"])
    assert {"/H1", "/Table", "/TR", "/TH", "/TD", "/L", "/Figure", "/P"} <= kinds


def test_all_fonts_are_embedded(issued):
    for page in PdfReader(BytesIO(render_pdf(issued))).pages:
        for font in page["/Resources"]["/Font"].values():
            described = font["/DescendantFonts"][0]["/FontDescriptor"]
            assert "/FontFile2" in described or "/FontFile3" in described


def test_romanian_letters_have_their_comma_and_can_be_read_back(issued):
    printed = pdf_text(render_pdf(issued))
    assert {"ș", "ț", "ă", "â", "î"} <= set(printed)
    assert not set(printed) & set("şţŞŢ")


def test_an_annex_keeps_its_true_size(issued):
    with pdfplumber.open(BytesIO(render_pdf(issued))) as pdf:
        page = next(page for page in pdf.pages if "ANEXA 1" in page.extract_text())
        shapes = [*page.rects, *page.curves]
        square = next(each for each in shapes if each["non_stroking_color"] == (1.0, 0.8, 0.0))
    for measured in (square["width"], square["height"]):
        assert measured * 25.4 / 72 == pytest.approx(100, abs=0.2)


def test_the_editable_copy_numbers_its_pages_by_fields(context):
    file = render_docx(compose(context("F_CU_06")))
    with zipfile.ZipFile(BytesIO(file)) as packed:
        footer = "".join(packed.read(name).decode() for name in packed.namelist() if "footer" in name)
    assert ">PAGE<" in footer
    assert ">NUMPAGES<" in footer
    assert "F_CU_06 · versiunea 1.0" in footer
