CASE WHEN l.places @> ARRAY['outside', 'town', 'commune'] THEN l.around
ELSE (SELECT ST_Union(part.geom)
      FROM (SELECT COALESCE(ST_Union(ST_Intersection(b.geom, l.around)), ST_SetSRID('POLYGON EMPTY'::geometry, 3844)) AS land
            FROM admin.built_up_area_piece b JOIN admin.built_up_area f ON f.id = b.feature_id
            WHERE ST_Intersects(b.geom, l.around) AND f.valid_from <= %(day)s AND %(day)s < f.valid_to) inside
           CROSS JOIN LATERAL (
             SELECT ST_Difference(l.around, inside.land) AS geom WHERE 'outside' = ANY(l.places)
             UNION ALL
             SELECT ST_Intersection(inside.land, ST_Intersection(u.geom, l.around))
             FROM admin.uat_piece u JOIN admin.uat f ON f.id = u.feature_id
             WHERE CASE f.kind WHEN 'comuna' THEN 'commune' ELSE 'town' END = ANY(l.places)
               AND ST_Intersects(u.geom, l.around) AND f.valid_from <= %(day)s AND %(day)s < f.valid_to) part) END
