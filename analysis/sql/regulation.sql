SELECT json_agg(json_build_object(
         'plan_code', r.plan_code, 'utr', r.utr, 'article', r.article, 'item', r.item, 'modality', r.modality,
         'body', r.body, 'value_min', r.value_min, 'value_max', r.value_max, 'unit', r.unit)
         ORDER BY r.article, r.item, r.id)
FROM planning.regulation r
WHERE r.plan_code = f.plan_code AND r.zone_code = f.code AND (r.utr IS NULL OR r.utr = f.utr)
  AND r.valid_from <= %(day)s AND %(day)s < r.valid_to
