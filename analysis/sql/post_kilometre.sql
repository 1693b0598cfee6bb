WITH {roads},
ranges AS (
  SELECT number, category, part, min(ST_M(v.geom)) AS low, max(ST_M(v.geom)) AS high
  FROM roads CROSS JOIN LATERAL ST_DumpPoints(part) v GROUP BY number, category, part
),
found AS (
  SELECT DISTINCT ON (number, metre, round(ST_X(p.geom)), round(ST_Y(p.geom)))
         number, category, metre, ST_Force2D(p.geom) AS geom
  FROM ranges CROSS JOIN LATERAL generate_series(ceil(low / 1000)::bigint * 1000, floor(high)::bigint, 1000) metre
       CROSS JOIN LATERAL ST_Dump(ST_LocateAlong(part, metre)) p
  ORDER BY number, metre, round(ST_X(p.geom)), round(ST_Y(p.geom))
)
{into}
SELECT number, category, 'kilometre', metre, {position}, NULL, geom FROM found
