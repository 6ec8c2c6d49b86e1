{# Number, ticket and event in one statement: when one of them is refused no number is spent. #}
WITH numbered AS (
    INSERT INTO desk_number (unit_id, on_date, letter, last)
    VALUES (CAST(:unit_id AS uuid), CAST(:on_date AS date), :letter, 1)
    ON CONFLICT (unit_id, on_date, letter) DO UPDATE SET last = desk_number.last + 1
    RETURNING last
),
{% include "new_ticket.sql" %}
