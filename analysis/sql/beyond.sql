beyond AS MATERIALIZED (
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
)
