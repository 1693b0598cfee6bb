WITH {roads},
areas AS MATERIALIZED (
  SELECT siruta AS area, name AS place, geom FROM admin.uat WHERE valid_from <= %(day)s AND %(day)s < valid_to
),
{passes}
{into}
SELECT number, category, 'uat_limit', measure, {position}, CASE WHEN enters THEN place END, geom
FROM posts
