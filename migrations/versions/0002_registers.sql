CREATE SCHEMA IF NOT EXISTS cases;

CREATE TABLE cases.issued_document (
	id BIGINT GENERATED ALWAYS AS IDENTITY, 
	register VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	number VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	form VARCHAR NOT NULL, 
	form_version VARCHAR NOT NULL, 
	issued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	issued_by VARCHAR DEFAULT session_user NOT NULL, 
	as_of DATE NOT NULL, 
	siruta INTEGER, 
	uat VARCHAR, 
	cadastral_numbers VARCHAR[] NOT NULL, 
	land_book_number VARCHAR, 
	address VARCHAR, 
	purpose VARCHAR, 
	area_m2 FLOAT NOT NULL, 
	geom geometry(GEOMETRY,3844) NOT NULL, 
	fee_ron NUMERIC(10, 2), 
	rule_set VARCHAR NOT NULL, 
	layers JSONB NOT NULL, 
	report JSONB NOT NULL, 
	document JSONB NOT NULL, 
	pdf BYTEA NOT NULL, 
	pdf_sha256 VARCHAR(64) NOT NULL, 
	withdrawn_at TIMESTAMP WITH TIME ZONE, 
	withdrawn_because VARCHAR, 
	CONSTRAINT pk_issued_document PRIMARY KEY (id), 
	CONSTRAINT uq_issued_document_register UNIQUE (register, year, sequence), 
	CONSTRAINT ck_issued_document_withdrawn CHECK ((withdrawn_at IS NULL) = (withdrawn_because IS NULL)), 
	CONSTRAINT uq_issued_document_number UNIQUE (number), 
	CONSTRAINT uq_issued_document_pdf_sha256 UNIQUE (pdf_sha256)
);

CREATE INDEX ix_issued_document_geom ON cases.issued_document USING gist (geom);
CREATE INDEX ix_issued_document_issued_at ON cases.issued_document (issued_at);
CREATE INDEX ix_issued_document_parcel ON cases.issued_document (siruta, cadastral_numbers);
CREATE TABLE cases.register_counter (
	register VARCHAR NOT NULL, 
	year INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	CONSTRAINT pk_register_counter PRIMARY KEY (register, year), 
	CONSTRAINT ck_register_counter_positive CHECK (last > 0)
);

