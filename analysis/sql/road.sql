SELECT json_build_object(
  'at', json_build_array(ST_X(q.here), ST_Y(q.here), ST_M(q.here)),
  'before', json_build_array(ST_X(q.before), ST_Y(q.before), ST_M(q.before)),
  'after', json_build_array(ST_X(q.after), ST_Y(q.after), ST_M(q.after)),
  'junction_m', (SELECT min(abs(ST_InterpolatePoint(q.part, j.geom) - ST_M(q.here)))
                 FROM roads.junction j
                 WHERE ST_DWithin(j.geom, q.here, 2000) AND j.kind IN ('junction', 'roundabout')
                   AND (j.roads IS NULL OR position(f.number IN j.roads) > 0) AND j.valid_from <= %(day)s AND %(day)s < j.valid_to AND ST_DWithin(j.geom, q.part, 10)),
  'crossing_m', (SELECT min(abs(ST_InterpolatePoint(q.part, j.geom) - ST_M(q.here)))
                 FROM roads.junction j
                 WHERE ST_DWithin(j.geom, q.here, 100) AND j.kind <> 'railway_crossing'
                   AND j.valid_from <= %(day)s AND %(day)s < j.valid_to AND ST_DWithin(j.geom, q.part, 10)),
  'access_m', (SELECT min(abs(ST_InterpolatePoint(q.part, a.geom) - ST_M(q.here)))
               FROM roads.access a
               WHERE ST_DWithin(a.geom, q.here, 2000) AND a.road = f.number
                 AND a.valid_from <= %(day)s AND %(day)s < a.valid_to))
FROM (SELECT l.part,
             ST_LineInterpolatePoint(l.part, l.fraction) AS here,
             ST_LineInterpolatePoint(l.part, GREATEST(l.fraction - l.metre, 0)) AS before,
             ST_LineInterpolatePoint(l.part, LEAST(l.fraction + l.metre, 1)) AS after
      FROM (SELECT d.part, ST_LineLocatePoint(d.part, d.near) AS fraction, 1 / GREATEST(ST_Length(d.part), 1) AS metre
            -- The nearest point is sought on the nearest piece; on the whole road it takes milliseconds.
            FROM (SELECT x.geom AS part, n.near
                  FROM (SELECT ST_ClosestPoint((array_agg(p.geom ORDER BY ST_Distance(p.geom, s.geom)))[1], u.geom)
                               AS near
                        FROM subject u OFFSET 0) n, ST_Dump(f.geom) x
                  ORDER BY ST_Distance(x.geom, n.near) LIMIT 1) d
            OFFSET 0) l
      OFFSET 0) q
