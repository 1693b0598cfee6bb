known AS MATERIALIZED (
  SELECT c.layer, c.siruta, max(c.version_id) FILTER (WHERE %(day)s < c.valid_to) AS version_id
  FROM (SELECT DISTINCT f.siruta FROM uats u JOIN admin.uat f ON f.id = u.id) near
  JOIN catalogue.coverage c ON c.siruta = near.siruta
  WHERE c.valid_from <= %(day)s
  GROUP BY c.layer, c.siruta
), coverage AS MATERIALIZED (
  SELECT json_build_object(
    'imported', (SELECT json_agg(layer) FROM versions),
    'known', (SELECT json_agg(json_build_array(layer, siruta, version_id)) FROM known),
    'versions', (SELECT json_agg(json_build_array(id, layer, number, valid_from, accuracy_m, source))
                 FROM catalogue.layer_version
                 WHERE id IN (SELECT version_id FROM known))) AS content
)
