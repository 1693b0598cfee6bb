WITH known AS (
  SELECT layer, siruta, max(version_id) FILTER (WHERE %(day)s < valid_to) AS version_id
  FROM catalogue.coverage
  WHERE siruta = ANY(%(sirutas)s) AND valid_from <= %(day)s
  GROUP BY layer, siruta
)
SELECT json_build_object(
  'imported', (SELECT json_agg(DISTINCT layer) FROM catalogue.layer_version WHERE valid_from <= %(day)s),
  'known', (SELECT json_agg(json_build_array(layer, siruta, version_id)) FROM known),
  'versions', (SELECT json_agg(json_build_array(id, layer, number, valid_from, accuracy_m, source))
               FROM catalogue.layer_version
               WHERE id IN (SELECT version_id FROM known)))::text
