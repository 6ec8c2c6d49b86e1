{# The people in `found`: those of the desk's unit first, then by name. -#}
SELECT p.id, {{ full_name("p") }} AS full_name, p.curp, p.birth_on, p.unit_id, u.name AS unit_name
FROM found f JOIN person p ON p.id = f.id LEFT JOIN unit u ON u.id = p.unit_id
ORDER BY f.place, full_name, p.id
