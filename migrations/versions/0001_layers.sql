CREATE SCHEMA admin;
CREATE SCHEMA cadastre;
CREATE SCHEMA environment;
CREATE SCHEMA heritage;
CREATE SCHEMA imagery;
CREATE SCHEMA planning;
CREATE SCHEMA roads;
CREATE SCHEMA terrain;
CREATE SCHEMA transport;
CREATE SCHEMA utilities;

CREATE TABLE catalogue.layer_version (
    id INTEGER GENERATED ALWAYS AS IDENTITY,
    layer VARCHAR NOT NULL,
    number INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    accuracy_m FLOAT NOT NULL,
    source VARCHAR DEFAULT '' NOT NULL,
    file_sha256 VARCHAR,
    crs VARCHAR,
    datum VARCHAR,
    rows INTEGER DEFAULT '0' NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    published_by VARCHAR DEFAULT session_user NOT NULL,
    report JSONB,
    CONSTRAINT pk_layer_version PRIMARY KEY (id),
    CONSTRAINT uq_layer_version_layer UNIQUE (layer, number),
    CONSTRAINT ck_layer_version_range CHECK (valid_from <= valid_to)
);

CREATE TABLE admin.address (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    street VARCHAR,
    number VARCHAR,
    postcode VARCHAR,
    geom geometry(POINT,3844) NOT NULL,
    CONSTRAINT pk_address PRIMARY KEY (id),
    CONSTRAINT ck_address_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_address_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_address_geom ON admin.address USING gist (geom);

CREATE TABLE admin.built_up_area (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    locality VARCHAR,
    plan_code VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_built_up_area PRIMARY KEY (id),
    CONSTRAINT ck_built_up_area_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_built_up_area_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_built_up_area_geom ON admin.built_up_area USING gist (geom);

CREATE TABLE admin.uat (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR,
    county VARCHAR NOT NULL,
    has_urbanism_structure BOOLEAN,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_uat PRIMARY KEY (id),
    CONSTRAINT ck_uat_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_uat_kind CHECK ("kind" IN ('municipiu', 'oras', 'comuna')),
    CONSTRAINT fk_uat_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_uat_geom ON admin.uat USING gist (geom);
CREATE INDEX ix_uat_key ON admin.uat (siruta);

CREATE TABLE cadastre.building (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    cadastral_number VARCHAR,
    building_code VARCHAR,
    use VARCHAR,
    levels VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_building PRIMARY KEY (id),
    CONSTRAINT ck_building_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_building_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_building_geom ON cadastre.building USING gist (geom);

CREATE TABLE cadastre.parcel (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    cadastral_number VARCHAR NOT NULL,
    land_book_number VARCHAR,
    use_category VARCHAR,
    area_legal_m2 FLOAT,
    ownership VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_parcel PRIMARY KEY (id),
    CONSTRAINT ck_parcel_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_parcel_use_category CHECK ("use_category" IN ('A', 'P', 'F', 'V', 'L', 'PD', 'N', 'HR', 'HB', 'DR', 'CF', 'CC')),
    CONSTRAINT ck_parcel_ownership CHECK ("ownership" IN ('public', 'private')),
    CONSTRAINT fk_parcel_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_parcel_geom ON cadastre.parcel USING gist (geom);
CREATE INDEX ix_parcel_key ON cadastre.parcel (siruta, cadastral_number);

CREATE TABLE cadastre.predecessor (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    cadastral_number VARCHAR NOT NULL,
    earlier_number VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    on_date DATE,
    CONSTRAINT pk_predecessor PRIMARY KEY (id),
    CONSTRAINT ck_predecessor_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_predecessor_operation CHECK ("operation" IN ('split', 'join')),
    CONSTRAINT fk_predecessor_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_predecessor_key ON cadastre.predecessor (siruta, cadastral_number, earlier_number);

CREATE TABLE catalogue.coverage (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    layer VARCHAR NOT NULL,
    siruta INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    version_id INTEGER NOT NULL,
    CONSTRAINT pk_coverage PRIMARY KEY (id),
    CONSTRAINT ck_coverage_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_coverage_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_coverage_siruta_layer ON catalogue.coverage (siruta, layer);

CREATE TABLE environment.coast_line (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    name VARCHAR,
    geom geometry(MULTILINESTRING,3844) NOT NULL,
    CONSTRAINT pk_coast_line PRIMARY KEY (id),
    CONSTRAINT ck_coast_line_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_coast_line_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_coast_line_geom ON environment.coast_line USING gist (geom);

CREATE TABLE environment.flood_zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    code VARCHAR,
    name VARCHAR,
    return_period INTEGER NOT NULL,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_flood_zone PRIMARY KEY (id),
    CONSTRAINT ck_flood_zone_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_flood_zone_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_flood_zone_geom ON environment.flood_zone USING gist (geom);

CREATE TABLE environment.forest (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    code VARCHAR,
    name VARCHAR,
    administrator VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_forest PRIMARY KEY (id),
    CONSTRAINT ck_forest_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_forest_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_forest_geom ON environment.forest USING gist (geom);

CREATE TABLE environment.mountain_zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_mountain_zone PRIMARY KEY (id),
    CONSTRAINT ck_mountain_zone_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_mountain_zone_kind CHECK ("kind" IN ('forest', 'water')),
    CONSTRAINT fk_mountain_zone_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_mountain_zone_geom ON environment.mountain_zone USING gist (geom);

CREATE TABLE environment.protected_site (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR,
    kind VARCHAR NOT NULL,
    administrator VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_protected_site PRIMARY KEY (id),
    CONSTRAINT ck_protected_site_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_protected_site_kind CHECK ("kind" IN ('natura2000_sci', 'natura2000_spa', 'national_park', 'nature_park', 'reserve', 'monument_of_nature', 'local')),
    CONSTRAINT fk_protected_site_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_protected_site_geom ON environment.protected_site USING gist (geom);
CREATE INDEX ix_protected_site_key ON environment.protected_site (code);

CREATE TABLE environment.sanitary_source (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR,
    heads INTEGER,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_sanitary_source PRIMARY KEY (id),
    CONSTRAINT ck_sanitary_source_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_sanitary_source_kind CHECK ("kind" IN ('cemetery', 'wastewater_open', 'wastewater_closed', 'landfill', 'horses', 'cattle', 'pigs', 'poultry', 'sheep', 'rabbits', 'ostriches', 'snails', 'veterinary')),
    CONSTRAINT fk_sanitary_source_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_sanitary_source_geom ON environment.sanitary_source USING gist (geom);

CREATE TABLE environment.water (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    code VARCHAR,
    name VARCHAR,
    kind VARCHAR NOT NULL,
    width_m FLOAT,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_water PRIMARY KEY (id),
    CONSTRAINT ck_water_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_water_kind CHECK ("kind" IN ('river', 'regularised', 'lake', 'reservoir', 'canal', 'dike', 'dam')),
    CONSTRAINT fk_water_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_water_geom ON environment.water USING gist (geom);

CREATE TABLE heritage.archaeology (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    ran_code VARCHAR,
    name VARCHAR,
    status VARCHAR NOT NULL,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_archaeology PRIMARY KEY (id),
    CONSTRAINT ck_archaeology_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_archaeology_status CHECK ("status" IN ('charted', 'accidental', 'priority')),
    CONSTRAINT fk_archaeology_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_archaeology_geom ON heritage.archaeology USING gist (geom);

CREATE TABLE heritage.monument (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    lmi_code VARCHAR NOT NULL,
    name VARCHAR,
    class VARCHAR,
    status VARCHAR,
    has_drawn_zone BOOLEAN,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_monument PRIMARY KEY (id),
    CONSTRAINT ck_monument_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_monument_class CHECK ("class" IN ('A', 'B', 'UNESCO')),
    CONSTRAINT ck_monument_status CHECK ("status" IN ('listed', 'proposed')),
    CONSTRAINT fk_monument_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_monument_geom ON heritage.monument USING gist (geom);
CREATE INDEX ix_monument_key ON heritage.monument (lmi_code);

CREATE TABLE heritage.protected_area (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    code VARCHAR NOT NULL,
    name VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_protected_area PRIMARY KEY (id),
    CONSTRAINT ck_protected_area_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_protected_area_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_protected_area_geom ON heritage.protected_area USING gist (geom);

CREATE TABLE heritage.protection_zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    lmi_code VARCHAR NOT NULL,
    name VARCHAR,
    class VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_protection_zone PRIMARY KEY (id),
    CONSTRAINT ck_protection_zone_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_protection_zone_class CHECK ("class" IN ('A', 'B', 'UNESCO')),
    CONSTRAINT fk_protection_zone_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_protection_zone_geom ON heritage.protection_zone USING gist (geom);

CREATE TABLE imagery.orthophoto (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    path VARCHAR NOT NULL,
    resolution_m FLOAT,
    flown_on DATE,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_orthophoto PRIMARY KEY (id),
    CONSTRAINT ck_orthophoto_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_orthophoto_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_orthophoto_geom ON imagery.orthophoto USING gist (geom);

CREATE TABLE planning.plan (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    title VARCHAR,
    approved_by VARCHAR,
    approved_on DATE,
    valid_until DATE,
    status VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_plan PRIMARY KEY (id),
    CONSTRAINT ck_plan_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_plan_kind CHECK ("kind" IN ('PUG', 'PUZ', 'PUD')),
    CONSTRAINT ck_plan_status CHECK ("status" IN ('in_force', 'in_preparation', 'annulled')),
    CONSTRAINT fk_plan_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_plan_geom ON planning.plan USING gist (geom);
CREATE INDEX ix_plan_key ON planning.plan (code);

CREATE TABLE planning.regulation (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    plan_code VARCHAR NOT NULL,
    zone_code VARCHAR NOT NULL,
    utr VARCHAR,
    article INTEGER NOT NULL,
    item VARCHAR,
    modality VARCHAR,
    body VARCHAR,
    value_min FLOAT,
    value_max FLOAT,
    unit VARCHAR,
    CONSTRAINT pk_regulation PRIMARY KEY (id),
    CONSTRAINT ck_regulation_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_regulation_modality CHECK ("modality" IN ('permis', 'conditionat', 'interzis', 'obligatoriu')),
    CONSTRAINT fk_regulation_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);

CREATE TABLE planning.restriction (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    plan_code VARCHAR,
    act VARCHAR,
    kind VARCHAR NOT NULL,
    title VARCHAR,
    valid_until DATE,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_restriction PRIMARY KEY (id),
    CONSTRAINT ck_restriction_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_restriction_kind CHECK ("kind" IN ('building_ban_permanent', 'building_ban_temporary', 'reserve', 'special_destination', 'extraction', 'risk_landslide', 'risk_flood', 'risk_seveso', 'risk_other', 'landscape', 'puz_compulsory', 'puz_forbidden', 'no_intravilan', 'servitude', 'communicated')),
    CONSTRAINT fk_restriction_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_restriction_geom ON planning.restriction USING gist (geom);

CREATE TABLE planning.scan (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    plan_code VARCHAR NOT NULL,
    sheet VARCHAR,
    residual_m FLOAT,
    path VARCHAR NOT NULL,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_scan PRIMARY KEY (id),
    CONSTRAINT ck_scan_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_scan_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_scan_geom ON planning.scan USING gist (geom);

CREATE TABLE planning.zone (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    siruta INTEGER NOT NULL,
    plan_code VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    subzone VARCHAR,
    utr VARCHAR,
    title VARCHAR,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_zone PRIMARY KEY (id),
    CONSTRAINT ck_zone_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_zone_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_zone_geom ON planning.zone USING gist (geom);

CREATE TABLE roads.access (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    road VARCHAR NOT NULL,
    permit VARCHAR,
    use VARCHAR,
    geom geometry(POINT,3844) NOT NULL,
    CONSTRAINT pk_access PRIMARY KEY (id),
    CONSTRAINT ck_access_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_access_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_access_geom ON roads.access USING gist (geom);

CREATE TABLE roads.junction (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    kind VARCHAR NOT NULL,
    roads VARCHAR,
    geom geometry(POINT,3844) NOT NULL,
    CONSTRAINT pk_junction PRIMARY KEY (id),
    CONSTRAINT ck_junction_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_junction_kind CHECK ("kind" IN ('junction', 'roundabout', 'pedestrian_crossing', 'railway_crossing')),
    CONSTRAINT fk_junction_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_junction_geom ON roads.junction USING gist (geom);

CREATE TABLE roads.road (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    number VARCHAR NOT NULL,
    name VARCHAR,
    category VARCHAR NOT NULL,
    street_class VARCHAR,
    administrator VARCHAR,
    carriageway_m FLOAT,
    bed_m FLOAT,
    earthwork VARCHAR,
    european BOOLEAN,
    measure_source VARCHAR,
    geom geometry(MULTILINESTRINGM,3844) NOT NULL,
    CONSTRAINT pk_road PRIMARY KEY (id),
    CONSTRAINT ck_road_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_road_category CHECK ("category" IN ('A', 'DX', 'DN', 'DJ', 'DC', 'STR')),
    CONSTRAINT ck_road_street_class CHECK ("street_class" IN ('I', 'II', 'III', 'IV')),
    CONSTRAINT ck_road_earthwork CHECK ("earthwork" IN ('level', 'embankment', 'cutting', 'deep_cutting')),
    CONSTRAINT ck_road_measure_source CHECK ("measure_source" IN ('surveyed', 'computed')),
    CONSTRAINT fk_road_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_road_geom ON roads.road USING gist (geom);

CREATE TABLE roads.structure (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    road VARCHAR,
    kind VARCHAR NOT NULL,
    name VARCHAR,
    watercourse VARCHAR,
    geom geometry(POINT,3844) NOT NULL,
    CONSTRAINT pk_structure PRIMARY KEY (id),
    CONSTRAINT ck_structure_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_structure_kind CHECK ("kind" IN ('bridge', 'flyover', 'culvert')),
    CONSTRAINT fk_structure_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_structure_geom ON roads.structure USING gist (geom);

CREATE TABLE terrain.dem (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    path VARCHAR NOT NULL,
    resolution_m FLOAT,
    flown_on DATE,
    geom geometry(MULTIPOLYGON,3844) NOT NULL,
    CONSTRAINT pk_dem PRIMARY KEY (id),
    CONSTRAINT ck_dem_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_dem_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_dem_geom ON terrain.dem USING gist (geom);

CREATE TABLE transport.railway (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    line VARCHAR,
    electrified BOOLEAN,
    geom geometry(MULTILINESTRING,3844) NOT NULL,
    CONSTRAINT pk_railway PRIMARY KEY (id),
    CONSTRAINT ck_railway_range CHECK (valid_from <= valid_to),
    CONSTRAINT fk_railway_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_railway_geom ON transport.railway USING gist (geom);

CREATE TABLE utilities.line (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    network VARCHAR NOT NULL,
    subtype VARCHAR,
    voltage_kv FLOAT,
    pressure VARCHAR,
    diameter_mm FLOAT,
    material VARCHAR,
    placement VARCHAR,
    operator VARCHAR,
    condition VARCHAR,
    capacity VARCHAR,
    geom geometry(MULTILINESTRING,3844) NOT NULL,
    CONSTRAINT pk_line PRIMARY KEY (id),
    CONSTRAINT ck_line_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_line_network CHECK ("network" IN ('electricity', 'gas', 'water', 'sewer', 'heat', 'telecom')),
    CONSTRAINT ck_line_subtype CHECK ("subtype" IN ('transport', 'distribution', 'adduction', 'sanitary', 'storm', 'combined', 'service', 'fibre', 'cable')),
    CONSTRAINT ck_line_pressure CHECK ("pressure" IN ('transport', 'high', 'medium', 'reduced', 'low')),
    CONSTRAINT ck_line_placement CHECK ("placement" IN ('overhead', 'underground')),
    CONSTRAINT fk_line_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_line_geom ON utilities.line USING gist (geom);

CREATE TABLE utilities.node (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    version_id INTEGER NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE DEFAULT 'infinity'::date NOT NULL,
    network VARCHAR NOT NULL,
    subtype VARCHAR NOT NULL,
    name VARCHAR,
    operator VARCHAR,
    fenced BOOLEAN,
    capacity VARCHAR,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_node PRIMARY KEY (id),
    CONSTRAINT ck_node_range CHECK (valid_from <= valid_to),
    CONSTRAINT ck_node_network CHECK ("network" IN ('electricity', 'gas', 'water', 'sewer', 'heat', 'telecom')),
    CONSTRAINT ck_node_subtype CHECK ("subtype" IN ('substation', 'transformer', 'reservoir', 'treatment', 'pumping', 'well', 'regulating_station', 'exchange', 'mast', 'heat_plant')),
    CONSTRAINT fk_node_version_id FOREIGN KEY(version_id) REFERENCES catalogue.layer_version (id)
);
CREATE INDEX ix_node_geom ON utilities.node USING gist (geom);

CREATE TABLE admin.built_up_area_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_built_up_area_piece PRIMARY KEY (id),
    CONSTRAINT fk_built_up_area_piece_feature_id FOREIGN KEY(feature_id) REFERENCES admin.built_up_area (id) ON DELETE CASCADE
);
CREATE INDEX ix_built_up_area_piece_feature_id ON admin.built_up_area_piece (feature_id);
CREATE INDEX ix_built_up_area_piece_geom ON admin.built_up_area_piece USING gist (geom);

CREATE TABLE admin.uat_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_uat_piece PRIMARY KEY (id),
    CONSTRAINT fk_uat_piece_feature_id FOREIGN KEY(feature_id) REFERENCES admin.uat (id) ON DELETE CASCADE
);
CREATE INDEX ix_uat_piece_feature_id ON admin.uat_piece (feature_id);
CREATE INDEX ix_uat_piece_geom ON admin.uat_piece USING gist (geom);

CREATE TABLE environment.coast_line_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_coast_line_piece PRIMARY KEY (id),
    CONSTRAINT fk_coast_line_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.coast_line (id) ON DELETE CASCADE
);
CREATE INDEX ix_coast_line_piece_feature_id ON environment.coast_line_piece (feature_id);
CREATE INDEX ix_coast_line_piece_geom ON environment.coast_line_piece USING gist (geom);

CREATE TABLE environment.flood_zone_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_flood_zone_piece PRIMARY KEY (id),
    CONSTRAINT fk_flood_zone_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.flood_zone (id) ON DELETE CASCADE
);
CREATE INDEX ix_flood_zone_piece_feature_id ON environment.flood_zone_piece (feature_id);
CREATE INDEX ix_flood_zone_piece_geom ON environment.flood_zone_piece USING gist (geom);

CREATE TABLE environment.forest_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_forest_piece PRIMARY KEY (id),
    CONSTRAINT fk_forest_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.forest (id) ON DELETE CASCADE
);
CREATE INDEX ix_forest_piece_feature_id ON environment.forest_piece (feature_id);
CREATE INDEX ix_forest_piece_geom ON environment.forest_piece USING gist (geom);

CREATE TABLE environment.mountain_zone_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_mountain_zone_piece PRIMARY KEY (id),
    CONSTRAINT fk_mountain_zone_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.mountain_zone (id) ON DELETE CASCADE
);
CREATE INDEX ix_mountain_zone_piece_feature_id ON environment.mountain_zone_piece (feature_id);
CREATE INDEX ix_mountain_zone_piece_geom ON environment.mountain_zone_piece USING gist (geom);

CREATE TABLE environment.protected_site_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_protected_site_piece PRIMARY KEY (id),
    CONSTRAINT fk_protected_site_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.protected_site (id) ON DELETE CASCADE
);
CREATE INDEX ix_protected_site_piece_feature_id ON environment.protected_site_piece (feature_id);
CREATE INDEX ix_protected_site_piece_geom ON environment.protected_site_piece USING gist (geom);

CREATE TABLE environment.water_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_water_piece PRIMARY KEY (id),
    CONSTRAINT fk_water_piece_feature_id FOREIGN KEY(feature_id) REFERENCES environment.water (id) ON DELETE CASCADE
);
CREATE INDEX ix_water_piece_feature_id ON environment.water_piece (feature_id);
CREATE INDEX ix_water_piece_geom ON environment.water_piece USING gist (geom);

CREATE TABLE heritage.archaeology_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_archaeology_piece PRIMARY KEY (id),
    CONSTRAINT fk_archaeology_piece_feature_id FOREIGN KEY(feature_id) REFERENCES heritage.archaeology (id) ON DELETE CASCADE
);
CREATE INDEX ix_archaeology_piece_feature_id ON heritage.archaeology_piece (feature_id);
CREATE INDEX ix_archaeology_piece_geom ON heritage.archaeology_piece USING gist (geom);

CREATE TABLE heritage.protected_area_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_protected_area_piece PRIMARY KEY (id),
    CONSTRAINT fk_protected_area_piece_feature_id FOREIGN KEY(feature_id) REFERENCES heritage.protected_area (id) ON DELETE CASCADE
);
CREATE INDEX ix_protected_area_piece_feature_id ON heritage.protected_area_piece (feature_id);
CREATE INDEX ix_protected_area_piece_geom ON heritage.protected_area_piece USING gist (geom);

CREATE TABLE heritage.protection_zone_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_protection_zone_piece PRIMARY KEY (id),
    CONSTRAINT fk_protection_zone_piece_feature_id FOREIGN KEY(feature_id) REFERENCES heritage.protection_zone (id) ON DELETE CASCADE
);
CREATE INDEX ix_protection_zone_piece_feature_id ON heritage.protection_zone_piece (feature_id);
CREATE INDEX ix_protection_zone_piece_geom ON heritage.protection_zone_piece USING gist (geom);

CREATE TABLE planning.plan_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_plan_piece PRIMARY KEY (id),
    CONSTRAINT fk_plan_piece_feature_id FOREIGN KEY(feature_id) REFERENCES planning.plan (id) ON DELETE CASCADE
);
CREATE INDEX ix_plan_piece_feature_id ON planning.plan_piece (feature_id);
CREATE INDEX ix_plan_piece_geom ON planning.plan_piece USING gist (geom);

CREATE TABLE planning.restriction_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_restriction_piece PRIMARY KEY (id),
    CONSTRAINT fk_restriction_piece_feature_id FOREIGN KEY(feature_id) REFERENCES planning.restriction (id) ON DELETE CASCADE
);
CREATE INDEX ix_restriction_piece_feature_id ON planning.restriction_piece (feature_id);
CREATE INDEX ix_restriction_piece_geom ON planning.restriction_piece USING gist (geom);

CREATE TABLE planning.zone_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_zone_piece PRIMARY KEY (id),
    CONSTRAINT fk_zone_piece_feature_id FOREIGN KEY(feature_id) REFERENCES planning.zone (id) ON DELETE CASCADE
);
CREATE INDEX ix_zone_piece_feature_id ON planning.zone_piece (feature_id);
CREATE INDEX ix_zone_piece_geom ON planning.zone_piece USING gist (geom);

CREATE TABLE roads.road_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_road_piece PRIMARY KEY (id),
    CONSTRAINT fk_road_piece_feature_id FOREIGN KEY(feature_id) REFERENCES roads.road (id) ON DELETE CASCADE
);
CREATE INDEX ix_road_piece_feature_id ON roads.road_piece (feature_id);
CREATE INDEX ix_road_piece_geom ON roads.road_piece USING gist (geom);

CREATE TABLE transport.railway_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_railway_piece PRIMARY KEY (id),
    CONSTRAINT fk_railway_piece_feature_id FOREIGN KEY(feature_id) REFERENCES transport.railway (id) ON DELETE CASCADE
);
CREATE INDEX ix_railway_piece_feature_id ON transport.railway_piece (feature_id);
CREATE INDEX ix_railway_piece_geom ON transport.railway_piece USING gist (geom);

CREATE TABLE utilities.line_piece (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    feature_id BIGINT NOT NULL,
    geom geometry(GEOMETRY,3844) NOT NULL,
    CONSTRAINT pk_line_piece PRIMARY KEY (id),
    CONSTRAINT fk_line_piece_feature_id FOREIGN KEY(feature_id) REFERENCES utilities.line (id) ON DELETE CASCADE
);
CREATE INDEX ix_line_piece_feature_id ON utilities.line_piece (feature_id);
CREATE INDEX ix_line_piece_geom ON utilities.line_piece USING gist (geom);
