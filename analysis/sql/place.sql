SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM admin.built_up_area_piece b JOIN admin.built_up_area l ON l.id = b.feature_id
                             WHERE ST_Intersects(b.geom, f.geom)
                               AND l.valid_from <= %(day)s AND %(day)s < l.valid_to) THEN 'outside'
            ELSE (SELECT CASE t.kind WHEN 'comuna' THEN 'commune' ELSE 'town' END
                  FROM admin.uat_piece b JOIN admin.uat t ON t.id = b.feature_id
                  WHERE ST_Intersects(b.geom, ST_PointOnSurface(f.geom))
                    AND t.valid_from <= %(day)s AND %(day)s < t.valid_to LIMIT 1) END
