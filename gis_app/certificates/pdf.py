"""PDF/UA from a document's tree by Typst: tagged, in Romanian, with its fonts embedded.

Source Sans and Source Serif come from their Python packages, so every machine prints the same page and
has ș and ț with the comma below.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import typst

from gis_app.certificates.document import Document

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
FONT_PACKAGES = ("font_source_sans_pro", "font_source_serif_pro")


@cache
def fonts() -> typst.Fonts:
    """The fonts of our pages and no others; read once a process (about 80 ms)."""
    folders = [str(files(package) / "files") for package in FONT_PACKAGES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def template() -> bytes:
    """The page's template."""
    return TEMPLATE.read_bytes()


def render_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1; its creation date is the document's one timestamp."""
    rendered: bytes = typst.compile(
        template(),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": document.model_dump_json()},
        pdf_standards=["ua-1"],
        timestamp=document.produced_at,
    )
    return rendered
