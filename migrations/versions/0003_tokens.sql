CREATE SCHEMA accounts;

CREATE TABLE accounts.api_token (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CHECK (name <> ''),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    sha256 bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_on date,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX uq_api_token_name_in_use ON accounts.api_token (name) WHERE revoked_at IS NULL;
COMMENT ON TABLE accounts.api_token IS 'Tokens of programs; only their hash is kept';

CREATE TABLE accounts.audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    details jsonb NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32)
);
COMMENT ON TABLE accounts.audit IS 'What was done, append-only; hash = sha256(hash before, content)';

CREATE FUNCTION accounts.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit record is append-only';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts.audit
    FOR EACH ROW EXECUTE FUNCTION accounts.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON accounts.audit
    FOR EACH STATEMENT EXECUTE FUNCTION accounts.refuse_change();

-- unaccent(text) is only STABLE, because its dictionary may be changed; with the dictionary named, and
-- never changed by us, an index may stand on it.
CREATE FUNCTION catalogue.plain(content text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, content)) $$;
COMMENT ON FUNCTION catalogue.plain(text) IS 'Lower case without diacritics: what searching compares';

CREATE INDEX ix_address_search ON admin.address
    USING gin (catalogue.plain(street || ' ' || coalesce(number, '')) public.gin_trgm_ops);
