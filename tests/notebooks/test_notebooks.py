"""Every notebook runs from top to bottom over the demo county, and says what the check says."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import analysis
from layers.demo import SHOWCASE
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def run(demo_database: str, monkeypatch: pytest.MonkeyPatch) -> NotebookRunner:
    monkeypatch.setenv("VATRA_DATABASE_URL", demo_database)
    return NotebookRunner()


class NotebookRunner:
    """Executes a notebook in a kernel of its own."""

    def __call__(self, path: Path) -> nbformat.NotebookNode:
        notebook = nbformat.read(path, as_version=4)
        return NotebookClient(notebook, timeout=120, resources={"metadata": {"path": ROOT}}).execute()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook.cells)


def told(executed: nbformat.NotebookNode) -> str:
    """Everything that the cells of a notebook that ran put out."""
    return "\n".join(
        output.data.get("text/html", "") + output.data.get("text/plain", "")
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if "data" in output
    )


def test_the_map_notebook_shows_the_land_and_what_lies_around(
    run: NotebookRunner, demo_database: str
) -> None:
    text = told(run(ROOT / "notebooks/map.ipynb"))
    report = analysis.check(
        analysis.parcel(SHOWCASE.siruta, SHOWCASE.cadastral_number), database=demo_database
    )
    for finding in report.findings:
        assert finding.rule in text
    for title in ("Drumuri", "Zone funcționale", "Zone de protecție și de siguranță", "Imobile (terenuri)"):
        assert json.dumps(title).strip('"') in text  # as folium writes it into the page
    assert "OG 43/1997" in text


def test_the_parcel_notebook_shows_the_findings_of_the_check(run: NotebookRunner, demo_database: str) -> None:
    executed = run(ROOT / "notebooks/parcel.ipynb")
    text = told(executed)
    subject = analysis.parcel(SHOWCASE.siruta, SHOWCASE.cadastral_number)
    report = analysis.check(subject, database=demo_database)
    assert report.findings
    for finding in report.findings:
        assert finding.rule in text
    assert report.road_access[0].position in text
    assert "leaflet" in text.lower()
