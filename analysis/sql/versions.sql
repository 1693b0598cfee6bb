versions AS MATERIALIZED (
  SELECT layer, max(accuracy_m) AS accuracy FROM catalogue.layer_version WHERE valid_from <= %(day)s GROUP BY layer
)
