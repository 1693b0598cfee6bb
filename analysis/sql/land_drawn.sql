land AS MATERIALIZED (
  SELECT ST_GeomFromWKB(%(wkb)s::bytea, 3844) AS geom, %(accuracy)s::float8 AS accuracy, '[]'::json AS attributes
)
