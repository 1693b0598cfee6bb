SELECT {rule}, {kind}, {family}, {title}, {layer}, z.id::text, z.name, z.distance_m, {basis}, z.shape
FROM (SELECT s.id, s.name, s.distance_m,
             ST_Multi(ST_CollectionExtract(CASE WHEN ST_IsValid(s.shape) THEN s.shape ELSE ST_MakeValid(s.shape) END, 3))
               AS shape
      FROM (SELECT l.id, l.name, l.distance_m, {shape} AS shape
            FROM (SELECT f.id, {name} AS name, d.distance_m, array_agg(p.place) AS places,
                         ST_Buffer(ST_Force2D(f.geom), d.distance_m + e.edge, 'quad_segs='
                           || greatest(8, ceil(pi() * sqrt((d.distance_m + e.edge) / (32 * {chord}))))) AS around
                  FROM {table} f CROSS JOIN LATERAL {places} CROSS JOIN LATERAL (SELECT {distance}::float8 AS distance_m) d
                       CROSS JOIN LATERAL (SELECT ({edge})::float8 AS edge) e
                  WHERE {in_force} AND {where} AND d.distance_m IS NOT NULL
                  GROUP BY f.id, d.distance_m, e.edge) l
            OFFSET 0) s
      OFFSET 0) z
WHERE NOT ST_IsEmpty(z.shape)
