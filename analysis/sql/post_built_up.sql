WITH {roads},
areas AS MATERIALIZED (
  SELECT dense_rank() OVER (ORDER BY siruta, locality) AS area, locality AS place, geom
  FROM admin.built_up_area WHERE valid_from <= %(day)s AND %(day)s < valid_to
),
{passes}
{into}
SELECT number, category, 'built_up_limit', measure, {position}, place, geom FROM posts
