roads AS MATERIALIZED (
  SELECT f.number, f.category, d.geom AS part, ST_Force2D(d.geom) AS line
  FROM roads.road f CROSS JOIN LATERAL ST_Dump(f.geom) d
  WHERE f.valid_from <= %(day)s AND %(day)s < f.valid_to AND f.category IN ({managed})
)
