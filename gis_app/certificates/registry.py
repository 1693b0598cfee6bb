"""The registers: a number without gaps for each issued document, stored in the same transaction."""

from __future__ import annotations

import getpass
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from shapely.geometry import shape

from analysis.findings import CheckReport
from gis_app.certificates.compose.context import Request
from gis_app.certificates.document import Document
from layers.days import ROMANIA

# Long enough for a queue of documents being sealed one after the other; the pool's own is for checks.
WAIT = "60s"


@dataclass(frozen=True)
class Number:
    """A number in a register: ``CUI-2026-00017``."""

    register: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.register}-{self.year}-{self.sequence:05d}"


@dataclass(frozen=True)
class Entry:
    """What a register says of an issued document."""

    number: str
    code: str
    kind: str
    form: str
    issued_at: datetime
    uat: str | None
    cadastral_numbers: list[str]
    purpose: str | None
    pdf_sha256: str
    withdrawn_at: datetime | None
    withdrawn_because: str | None

    @property
    def in_force(self) -> bool:
        """Whether the document has not been withdrawn."""
        return self.withdrawn_at is None


@dataclass(frozen=True)
class Made:
    """A sealed file with all that it was made from; ``actor`` is on whose order, the process's user if None."""

    document: Document
    report: CheckReport
    request: Request
    pdf: bytes
    actor: str | None = None


@contextmanager
def next_number(connection: Connection[Any], register: str, at: datetime) -> Iterator[Number]:
    """The register's next number, held until the block ends; an error in the block gives it back.

    Others who ask the same register wait meanwhile, which is what keeps it without gaps.
    """
    year = at.astimezone(ROMANIA).year
    with connection.transaction():
        connection.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
            [WAIT, WAIT],
        )
        row = connection.execute(
            "INSERT INTO cases.register_counter AS counter (register, year, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (register, year) DO UPDATE SET last = counter.last + 1 RETURNING last",
            [register, year],
        ).fetchone()
        if row is None:
            raise RuntimeError("the counter returned no number")
        yield Number(register, year, row[0])


def store(connection: Connection[Any], number: Number, code: str, made: Made) -> None:
    """Keep an issued document with its number and what it was made from; within ``next_number``'s block."""
    document, report, request, pdf = made.document, made.report, made.request, made.pdf
    subject = report.subject
    columns = {
        "register": number.register,
        "year": number.year,
        "sequence": number.sequence,
        "number": str(number),
        "code": code,
        "kind": document.kind,
        "form": document.form,
        "form_version": document.form_version,
        "issued_at": document.produced_at,
        "issued_by": made.actor or getpass.getuser(),
        "as_of": report.as_of,
        "siruta": subject.siruta,
        "uat": subject.uat,
        "cadastral_numbers": list(_cadastral_numbers(report)),
        "land_book_number": subject.land_book_number,
        "address": _address(request),
        "purpose": request.purpose or "informare",
        "area_m2": subject.area_m2,
        "fee_ron": report.fee.amount_ron if report.fee else None,
        "rule_set": report.rule_set,
        "layers": Jsonb([used.model_dump(mode="json") for used in report.layers]),
        "report": Jsonb(report.model_dump(mode="json", by_alias=True)),
        "document": Jsonb(document.model_dump(mode="json", exclude={"annexes"})),
        "pdf": pdf,
        "pdf_sha256": sha256(pdf),
    }
    names = ", ".join(columns)
    values = ", ".join(["%s"] * len(columns))
    connection.execute(
        f"INSERT INTO cases.issued_document ({names}, geom)"
        f" VALUES ({values}, ST_SetSRID(ST_GeomFromWKB(%s), 3844))",
        [*columns.values(), shape(subject.geometry).wkb],
    )


def find(
    connection: Connection[Any], *, number: str | None = None, digest: str | None = None
) -> Entry | None:
    """The register's entry of a number, or of the SHA-256 of a PDF file; None when there is none."""
    column, value = ("number", number) if number else ("pdf_sha256", digest)
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        names = ", ".join(Entry.__dataclass_fields__)
        cursor.execute(f"SELECT {names} FROM cases.issued_document WHERE {column} = %s", [value])
        return cursor.fetchone()


def stored_pdf(connection: Connection[Any], number: str) -> bytes | None:
    """The sealed file as it was issued; None for an unknown number."""
    row = connection.execute("SELECT pdf FROM cases.issued_document WHERE number = %s", [number]).fetchone()
    return bytes(row[0]) if row else None


def withdraw(connection: Connection[Any], number: str, because: str) -> bool:
    """Mark an issued document as no longer valid, with the reason; False when there is none in force."""
    done = connection.execute(
        "UPDATE cases.issued_document SET withdrawn_at = now(), withdrawn_because = %s"
        " WHERE number = %s AND withdrawn_at IS NULL",
        [because, number],
    )
    return done.rowcount == 1


def sha256(pdf: bytes) -> str:
    """The digest by which a file is found in the register."""
    return hashlib.sha256(pdf).hexdigest()


def _cadastral_numbers(report: CheckReport) -> tuple[str, ...]:
    subject = report.subject
    if subject.cadastral_numbers:
        return subject.cadastral_numbers
    return (subject.cadastral_number,) if subject.cadastral_number else ()


def _address(request: Request) -> str | None:
    parts = (request.locality, request.street, request.street_number and f"nr. {request.street_number}")
    return ", ".join(part for part in parts if part) or None
