CREATE SCHEMA derived;

CREATE TABLE derived.kilometre_post (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    road VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    measure_m FLOAT NOT NULL,
    position VARCHAR NOT NULL,
    place VARCHAR,
    geom geometry(POINT,3844) NOT NULL,
    geom_3857 geometry(POINT,3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    CONSTRAINT pk_kilometre_post PRIMARY KEY (id),
    CONSTRAINT ck_kilometre_post_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_kilometre_post_category CHECK ("category" IN ('A', 'DX', 'DN', 'DJ', 'DC', 'STR')),
    CONSTRAINT ck_kilometre_post_kind CHECK ("kind" IN ('kilometre', 'built_up_limit', 'uat_limit')),
    CONSTRAINT fk_kilometre_post_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_kilometre_post_geom ON derived.kilometre_post USING gist (geom);
CREATE INDEX ix_kilometre_post_geom_3857 ON derived.kilometre_post USING gist (geom_3857);

CREATE TABLE derived.protection_zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    rule VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    family VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    source_layer VARCHAR NOT NULL,
    source_id VARCHAR NOT NULL,
    source_title VARCHAR,
    distance_m FLOAT,
    legal_basis VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    geom_3857 geometry(MULTIPOLYGON,3857) GENERATED ALWAYS AS (ST_Transform(geom, 3857)) STORED,
    CONSTRAINT pk_protection_zone PRIMARY KEY (id),
    CONSTRAINT ck_protection_zone_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_protection_zone_kind CHECK ("kind" IN ('protection', 'safety')),
    CONSTRAINT ck_protection_zone_family CHECK ("family" IN ('road', 'railway', 'electricity', 'gas', 'water', 'sewer', 'telecom', 'heat', 'heritage', 'sanitary', 'environment', 'other')),
    CONSTRAINT fk_protection_zone_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_protection_zone_geom ON derived.protection_zone USING gist (geom);
CREATE INDEX ix_protection_zone_geom_3857 ON derived.protection_zone USING gist (geom_3857);

-- Map services read as this role: the layers and their catalogue, never cases or accounts. Roles belong to the
-- whole cluster, so another database may have made it.
DO $$
BEGIN
    CREATE ROLE vatra_map LOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
-- On a server where we are not superuser, only members may take the role on.
DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'vatra_map', 'MEMBER') THEN
        GRANT vatra_map TO CURRENT_USER;
    END IF;
END
$$;
