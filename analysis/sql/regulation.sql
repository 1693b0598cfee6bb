SELECT json_agg(json_build_object(
         'plan_code', r.plan_code, 'utr', r.utr, 'article', r.article, 'item', r.item, 'modality', r.modality,
         'body', r.body, 'value_min', r.value_min, 'value_max', r.value_max, 'unit', r.unit)
         ORDER BY r.article, r.item, r.id)::text
FROM planning.regulation r
WHERE r.plan_code = %(plan_code)s AND r.zone_code = %(zone_code)s AND (r.utr IS NULL OR r.utr = %(utr)s)
  AND r.valid_from <= %(day)s AND %(day)s < r.valid_to
