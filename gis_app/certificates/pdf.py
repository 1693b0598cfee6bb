"""PDF/UA from a document's tree by Typst: tagged, in Romanian, with its fonts embedded.

Source Sans and Source Serif come from their Python packages, so every machine prints the same page and
has ș and ț with the comma below.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst

from gis_app.certificates.document import Document
from tiles.fonts import font_file

TEMPLATE = Path(__file__).parent / "templates" / "document.typ"
FONT_PACKAGES = ("font_source_sans_pro", "font_source_serif_pro")


@cache
def fonts() -> typst.Fonts:
    """The fonts of our pages and of the annexed drawings, and no others; found once a process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_folder().name])


@cache
def _folder() -> TemporaryDirectory[str]:
    """One folder with links to the files we use: Typst reads whole folders, and the packages hold each face
    twice (TrueType, OpenType), of which it would take either."""
    folder = TemporaryDirectory(prefix="vatra-fonts-")
    ours = [font for package in FONT_PACKAGES for font in Path(str(files(package) / "files")).glob("*.ttf")]
    drawn = [font_file(face) for face in ("regular", "bold", "italic")]
    for font in (*ours, *drawn):
        Path(folder.name, font.name).symlink_to(font)
    return folder


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
