{# Transactions that changed, each written once. #}
INSERT INTO service_transaction ({{ COLUMNS }})
SELECT {% for c in COLUMNS %}n.{{ c }}{{ ", " if not loop.last }}{% endfor %}
FROM saving_after n
LEFT JOIN saving_before w ON w.person_id = n.person_id AND w.service = n.service AND w.id = n.id
WHERE w IS DISTINCT FROM n
ON CONFLICT (person_id, service, id) DO UPDATE SET
{%- for c in COLUMNS if c not in ("person_id", "service", "id") %}
    {{ c }} = EXCLUDED.{{ c }}{{ "," if not loop.last }}
{%- endfor %}
