WITH RECURSIVE line AS (
  SELECT r.siruta, r.cadastral_number, r.earlier_number, r.operation, r.on_date, r.id, r.version_id, 1 AS generation
  FROM unnest(%(sirutas)s::int[], %(numbers)s::text[]) AS wanted (siruta, number)
  JOIN cadastre.predecessor r ON r.siruta = wanted.siruta AND r.cadastral_number = wanted.number
  WHERE r.valid_from <= %(day)s AND %(day)s < r.valid_to
  UNION
  SELECT r.siruta, r.cadastral_number, r.earlier_number, r.operation, r.on_date, r.id, r.version_id, l.generation + 1
  FROM line l
  JOIN cadastre.predecessor r ON r.siruta = l.siruta AND r.cadastral_number = l.earlier_number
  WHERE r.valid_from <= %(day)s AND %(day)s < r.valid_to AND l.generation < 20
)
SELECT -3::int2, id, version_id, json_build_object(
         'siruta', siruta, 'cadastral_number', cadastral_number, 'earlier_number', earlier_number,
         'operation', operation, 'on_date', on_date, 'generation', generation)::text,
       0.0::float8, false, NULL::bytea
FROM line
