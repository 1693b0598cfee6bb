land AS MATERIALIZED (
  SELECT CASE WHEN count(*) = 1 THEN (array_agg(f.geom))[1] ELSE ST_UnaryUnion(ST_Collect(f.geom)) END AS geom,
         max(v.accuracy_m) AS accuracy,
         json_agg(json_build_object(
           'siruta', f.siruta, 'cadastral_number', f.cadastral_number, 'land_book_number', f.land_book_number,
           'use_category', f.use_category, 'area_legal_m2', f.area_legal_m2, 'ownership', f.ownership,
           'area_m2', ST_Area(f.geom))) AS attributes
  FROM unnest(%(sirutas)s::int[], %(numbers)s::text[]) AS wanted (siruta, number)
  JOIN cadastre.parcel f ON f.siruta = wanted.siruta AND f.cadastral_number = wanted.number
  JOIN catalogue.layer_version v ON v.id = f.version_id
  WHERE f.valid_from <= %(day)s::date AND %(day)s < f.valid_to
  HAVING count(*) > 0
)
