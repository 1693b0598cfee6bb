-- The stretches of each road inside each area, in metres along the road, with their lower and upper ends.
stretches AS (
  SELECT r.number, r.category, a.area, a.place, c.low, c.high, c.low_end, c.high_end
  FROM roads r JOIN areas a ON ST_Intersects(a.geom, r.line)
       CROSS JOIN LATERAL ST_Dump(ST_CollectionExtract(ST_Intersection(r.line, a.geom), 2)) i
       CROSS JOIN LATERAL (SELECT ST_StartPoint(i.geom) AS first, ST_EndPoint(i.geom) AS last) e
       CROSS JOIN LATERAL (SELECT ST_InterpolatePoint(r.part, e.first) AS m1, ST_InterpolatePoint(r.part, e.last) AS m2
                           OFFSET 0) m
       CROSS JOIN LATERAL (SELECT least(m1, m2) AS low, greatest(m1, m2) AS high,
                                  CASE WHEN m1 <= m2 THEN e.first ELSE e.last END AS low_end,
                                  CASE WHEN m1 <= m2 THEN e.last ELSE e.first END AS high_end) c
),
marked AS (
  SELECT *, low > max(high) OVER (PARTITION BY number, area ORDER BY low, high
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) + {noise} AS begins
  FROM stretches
),
islands AS (
  SELECT *, count(*) FILTER (WHERE begins) OVER (PARTITION BY number, area ORDER BY low, high) AS island FROM marked
),
passes AS (
  SELECT number, min(category) AS category, area, min(place) AS place, min(low) AS low, max(high) AS high,
         (array_agg(low_end ORDER BY low))[1] AS low_end, (array_agg(high_end ORDER BY high DESC))[1] AS high_end
  FROM islands GROUP BY number, area, island HAVING max(high) - min(low) >= {noise}
),
-- Where a road begins or ends within an area, it does not cross its limit.
crossings AS (
  SELECT number, category, area, place, measure, round(measure)::bigint AS metre, geom, enters
  FROM (SELECT number, category, area, place, low AS measure, low_end AS geom, true AS enters FROM passes
        UNION ALL SELECT number, category, area, place, high, high_end, false FROM passes) c
  WHERE EXISTS (SELECT FROM areas a WHERE a.area = c.area AND ST_DWithin(ST_Boundary(a.geom), c.geom, 0.1))
),
-- A limit between two of these areas is one post, named by the one entered as kilometres go up.
posts AS (
  SELECT * FROM crossings c
  WHERE enters OR NOT EXISTS (SELECT FROM crossings n WHERE n.number = c.number AND n.enters AND n.area <> c.area
                              AND abs(n.measure - c.measure) <= {noise})
)
