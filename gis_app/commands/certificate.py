"""``vatra certificate``, ``verify`` and ``road-access``: documents from a check, and back."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

import analysis
from gis_app.certificates import registry
from gis_app.certificates.compose import Request
from gis_app.certificates.compose.context import Completed
from gis_app.certificates.errors import CannotWrite, NoManagedRoad, SealError
from gis_app.certificates.issuing import Issued, issue
from gis_app.certificates.office import office, own_seal
from gis_app.certificates.seal import Seal
from gis_app.certificates.verify import Verdict
from gis_app.certificates.verify import verify as verify_pdf
from gis_app.commands.subjects import subject, subject_options
from layers import database

INCOMPLETE = 3
FILE = click.Path(dir_okay=False, path_type=Path)
ROAD_KINDS = {"agreement": "road_prior_agreement", "permit": "road_access_permit"}
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
DOCX = click.option("--docx", type=FILE, help="Write the editable copy too.")
TRACE = click.option("--trace", type=FILE, help="Write the officer's copy: what each sentence rests on.")


def _completed(_context: click.Context, _option: click.Parameter, text: str | None) -> Completed | None:
    if text is None:
        return None
    number, _, day = text.rpartition("/")
    try:
        return Completed(number=number.strip(), day=date.fromisoformat(day))
    except ValueError:
        raise click.BadParameter(f"expected NUMBER/YYYY-MM-DD, found {text!r}") from None


@click.command(
    epilog="Example: vatra certificate --siruta 79308 --cadastral-number 30112 --output certificat.pdf"
)
@subject_options
@click.option(
    "--kind",
    type=click.Choice(["information", "cadastral", "works"]),
    default="information",
    show_default=True,
    help="F_CU_05, F_CU_06 or F_CU_07_0.",
)
@click.option("--purpose", help="What it is asked for, as it is printed.")
@click.option(
    "--works",
    multiple=True,
    help="For F_CU_07_0, what is to be built: dwelling, building, engineering, demolition. Ticks what it asks for.",
)
@click.option(
    "--completes",
    metavar="NUMBER/YYYY-MM-DD",
    callback=_completed,
    help="With --kind works, after the zonal plan (PUZ) was approved: write the annex F_CU_07_1 to that certificate.",
)
@click.option("--output", required=True, type=FILE, help="F.pdf")
@DOCX
@TRACE
@FORMAT
def certificate(
    siruta: int | None,
    numbers: tuple[str, ...],
    geometry: Path | None,
    crs: str | None,
    as_of: date | None,
    kind: str,
    purpose: str | None,
    works: tuple[str, ...],
    completes: Completed | None,
    output: Path,
    docx: Path | None,
    trace: Path | None,
    form: str,
) -> None:
    """Write the urbanism certificate of a parcel, or of any land.

    An information certificate is numbered and sealed when every mandatory element was determined (exit 0);
    else an unsealed draft is written and what is missing is printed (exit 3). The others are drafts that
    people complete and sign.
    """
    if (works or completes) and kind != "works":
        raise click.UsageError("--works and --completes go with --kind works")
    _check_writable(output, docx, trace)
    report = analysis.check(subject(siruta, numbers, geometry, crs), as_of)
    asked = Request(purpose=purpose, works=works, completes=completes)
    issued = issue(office(), report, "works_completion" if completes else kind, asked)
    written = _write(issued, output, docx, trace)
    _tell(issued, written, form)


@click.command(
    "road-access",
    epilog="Example: vatra road-access --siruta 79308 --cadastral-number 30112 --output acord.pdf",
)
@subject_options
@click.option(
    "--kind",
    type=click.Choice(list(ROAD_KINDS)),
    default="agreement",
    show_default=True,
    help="The prior agreement (acord prealabil), or the siting and access permit.",
)
@click.option("--purpose", help="The objective and its use, as it is printed.")
@click.option("--output", required=True, type=FILE, help="F.pdf")
@DOCX
@TRACE
@FORMAT
def road_access(
    siruta: int | None,
    numbers: tuple[str, ...],
    geometry: Path | None,
    crs: str | None,
    as_of: date | None,
    kind: str,
    purpose: str | None,
    output: Path,
    docx: Path | None,
    trace: Path | None,
    form: str,
) -> None:
    """Write a pre-filled road permit, where a managed road is in reach of the land."""
    _check_writable(output, docx, trace)
    report = analysis.check(subject(siruta, numbers, geometry, crs), as_of)
    if not report.road_access:
        raise NoManagedRoad(
            "niciun drum administrat nu este în raza de acces a terenului: nu este nevoie de acord"
        )
    issued = issue(office(), report, ROAD_KINDS[kind], Request(purpose=purpose))
    written = _write(issued, output, docx, trace)
    _tell(issued, written, form)


@click.command(epilog="Example: vatra verify certificat.pdf")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FORMAT
def verify(file: Path, form: str) -> None:
    """Say who sealed FILE, whether it is whole, its number, and whether it is in force (exit 0) or not (exit 1)."""
    seal: Seal | None = None
    with suppress(SealError):  # without our own seal the file is still found, or not, in the register
        seal = own_seal()
    verdict = verify_pdf(file.read_bytes(), _registered, seal)
    if form == "json":
        click.echo(json.dumps(as_json(verdict), default=str, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(verdict.lines()))
    if not verdict.valid:
        sys.exit(1)


def as_json(verdict: Verdict) -> dict[str, object]:
    """The verdict for programs; the register's verification code is not given away."""
    entry = asdict(verdict.entry) if verdict.entry else None
    if entry:
        del entry["code"]
    return {
        "valid": verdict.valid,
        "whole": verdict.whole,
        "sealed": verdict.sealed,
        "signatures": [asdict(signature) for signature in verdict.signatures],
        "register": entry,
    }


def _registered(digest: str) -> registry.Entry | None:
    with database.connection() as connection:
        return registry.find(connection, digest=digest)


def _check_writable(*paths: Path | None) -> None:
    """CannotWrite before a number is taken for a file that has no place to be."""
    for path in filter(None, paths):
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise CannotWrite(path, "dosarul nu există sau nu se poate scrie în el")


def _write(issued: Issued, output: Path, docx: Path | None, trace: Path | None) -> dict[str, Path]:
    """The files asked for, by their kind."""
    wanted: dict[str, tuple[Path | None, Callable[[], bytes]]] = {
        "pdf": (output, lambda: issued.pdf),
        "docx": (docx, issued.docx),
        "trace": (trace, issued.trace_pdf),
    }
    files = {}
    for kind, (path, content) in wanted.items():
        if path is None:
            continue
        try:
            path.write_bytes(content())
        except OSError as error:
            raise CannotWrite(path, error.strerror or str(error), issued.number) from error
        files[kind] = path
    return files


def _tell(issued: Issued, files: dict[str, Path], form: str) -> None:
    """Say what was written, and exit 3 when something mandatory was missing."""
    if form == "json":
        told = {
            "state": issued.state,
            "number": issued.number,
            "missing": [gap.model_dump(mode="json") for gap in issued.missing],
            "files": {kind: str(path) for kind, path in files.items()},
            "document": issued.document.model_dump(mode="json", exclude={"annexes": {"__all__": {"sheets"}}}),
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        state = (
            f"{issued.document.form} nr. {issued.number}, sigilat"
            if issued.number
            else (f"{issued.document.form}, {issued.document.banner}")
        )
        click.echo(f"{files['pdf']}: {state}")
        for gap in issued.missing:
            click.echo(f"lipsește: {gap.printed}", err=True)
    if issued.missing:
        sys.exit(INCOMPLETE)
