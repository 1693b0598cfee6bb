known AS MATERIALIZED (
  SELECT c.layer, c.siruta, max(c.version_id) FILTER (WHERE %(day)s < c.valid_to) AS version_id
  FROM (SELECT DISTINCT f.siruta FROM uats u JOIN admin.uat f ON f.id = u.id) near
  JOIN catalogue.coverage c ON c.siruta = near.siruta
  WHERE c.valid_from <= %(day)s
  GROUP BY c.layer, c.siruta
), beyond AS MATERIALIZED (
  -- Land of no known UAT within 500 m, the farthest that a mandatory rule looks; strips under 10 m are drawing.
  SELECT min(ST_Distance(gap.geom, s.geom)) AS metres
  FROM subject s
  CROSS JOIN LATERAL (
    SELECT ST_Union(p.geom) AS geom
    FROM admin.uat_piece p JOIN admin.uat f ON f.id = p.feature_id
    WHERE p.geom && ST_Expand(s.geom, 500) AND f.valid_from <= %(day)s AND %(day)s < f.valid_to
  ) land
  CROSS JOIN LATERAL ST_Dump(ST_Difference(ST_Envelope(ST_Expand(s.geom, 500)), land.geom)) gap
  WHERE NOT ST_IsEmpty(ST_Buffer(gap.geom, -5))
), coverage AS MATERIALIZED (
  SELECT json_build_object(
    'beyond_m', (SELECT metres FROM beyond),
    'imported', (SELECT json_agg(layer) FROM versions),
    'known', (SELECT json_agg(json_build_array(layer, siruta, version_id)) FROM known),
    'versions', (SELECT json_agg(json_build_array(id, layer, number, valid_from, accuracy_m, source))
                 FROM catalogue.layer_version
                 WHERE id IN (SELECT version_id FROM known))) AS content
)
