CREATE SCHEMA IF NOT EXISTS jobs;

CREATE TABLE jobs.process_job (
    id UUID NOT NULL,
    process VARCHAR NOT NULL,
    request TEXT NOT NULL,
    response VARCHAR NOT NULL,
    token_id INTEGER,
    status VARCHAR DEFAULT 'accepted' NOT NULL,
    message VARCHAR DEFAULT '' NOT NULL,
    failure INTEGER,
    attempts INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    result TEXT,
    CONSTRAINT pk_process_job PRIMARY KEY (id),
    CONSTRAINT ck_process_job_status
        CHECK (status IN ('accepted', 'running', 'successful', 'failed', 'dismissed')),
    CONSTRAINT ck_process_job_response CHECK (response IN ('raw', 'document')),
    CONSTRAINT fk_process_job_token_id FOREIGN KEY (token_id) REFERENCES accounts.api_token (id)
);
CREATE INDEX ix_process_job_waiting ON jobs.process_job (created_at) WHERE status IN ('accepted', 'running');
CREATE INDEX ix_process_job_token_id ON jobs.process_job (token_id, created_at);
CREATE INDEX ix_process_job_finished_at ON jobs.process_job (finished_at);
