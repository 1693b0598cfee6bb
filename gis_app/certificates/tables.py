"""The registers (Code art. 315): numbers given, and every issued document with what it was made from.

A number is a counter's row locked in the transaction that stores the document, so a register has no gaps:
what is rolled back gives its number back.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

SRID = 3844

metadata = MetaData(
    schema="cases",
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    },
)

register_counter = Table(
    "register_counter",
    metadata,
    Column("register", String, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    CheckConstraint("last > 0", name="positive"),
)

issued_document = Table(
    "issued_document",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("register", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("number", String, nullable=False, unique=True),
    Column("code", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("form", String, nullable=False),
    Column("form_version", String, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False),
    Column("issued_by", String, nullable=False, server_default=text("session_user")),
    Column("as_of", Date, nullable=False),
    Column("siruta", Integer),
    Column("uat", String),
    Column("cadastral_numbers", ARRAY(String), nullable=False),
    Column("land_book_number", String),
    Column("address", String),
    Column("purpose", String),
    Column("area_m2", Float, nullable=False),
    Column("geom", Geometry("GEOMETRY", srid=SRID, spatial_index=False), nullable=False),
    Column("fee_ron", Numeric(10, 2)),
    Column("rule_set", String, nullable=False),
    Column("layers", JSONB, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("pdf", LargeBinary, nullable=False),
    Column("pdf_sha256", String(64), nullable=False, unique=True),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_because", String),
    UniqueConstraint("register", "year", "sequence"),
    CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name="withdrawn"),
    Index("ix_issued_document_geom", "geom", postgresql_using="gist"),
    Index("ix_issued_document_parcel", "siruta", "cadastral_numbers"),
    Index("ix_issued_document_issued_at", "issued_at"),
)
