{# The ticket that comes first at the counter where this member of staff sits, called and recorded: find the counter,
   pick, take, record. The order is that of `rules.turns.call_order`. Two counters never get the same one: what another
   is taking is skipped, and a counter has one ticket by a unique index. #}
WITH acting AS ({{ active_staff }}),
sitting AS (
    SELECT s.unit_id, s.counter, s.services, {{ today }} AS on_date
    FROM counter_session s JOIN unit u ON u.id = s.unit_id
    WHERE s.staff_id = CAST(:me AS uuid) AND s.status = 'open' AND EXISTS (SELECT FROM acting)
),
{# What this very call took before, when its answer was lost on the way. -#}
mine AS (
    SELECT t.* FROM desk_ticket t WHERE t.called_by = CAST(:me AS uuid) AND t.call_key = :call_key
),
busy AS (
    SELECT t.id FROM desk_ticket t JOIN sitting s ON (t.unit_id, t.counter) = (s.unit_id, s.counter)
),
pick AS (
    SELECT t.unit_id, t.id FROM desk_ticket t JOIN sitting s ON t.unit_id = s.unit_id
    WHERE t.service = ANY (s.services) AND t.status = {{ TicketStatus.WAITING }} AND t.on_date = s.on_date
        AND (t.room IS NULL OR t.room = s.counter)
        AND NOT EXISTS (SELECT FROM mine) AND NOT EXISTS (SELECT FROM busy)
    ORDER BY {{ call_order("t") }}
    LIMIT 1 FOR UPDATE OF t SKIP LOCKED
),
taken AS (
    UPDATE desk_ticket t SET status = {{ TicketStatus.CALLED }}, calls = calls + 1, called_at = {{ now }},
        called_by = CAST(:me AS uuid), call_key = :call_key, counter = s.counter, version = version + 1
    FROM pick, sitting s WHERE (t.unit_id, t.id) = (pick.unit_id, pick.id)
    RETURNING t.*
),
recorded AS (
    {{ insert_event(
        id="CAST(:event_id AS uuid)",
        at=now,
        type="CAST(:event_type AS text)",
        subject_id="t.id",
        person_id="t.person_id",
        unit_id="t.unit_id",
        actor_kind="'staff'",
        actor_id="CAST(:me AS uuid)",
        channel="CAST(:channel AS text)",
        service="t.service",
        payload="jsonb_build_object('happened_at', " ~ now ~ ", 'window', t.counter)",
    ) }}
    FROM taken t
    RETURNING {{ notify("'desk:' || unit_id") }}
),
answer AS (SELECT * FROM mine UNION ALL SELECT * FROM taken)
SELECT a.role, a.units, s.counter AS sits_at, b.id AS busy_with, t.*, CAST(:call AS integer) AS call
FROM acting a LEFT JOIN sitting s ON true LEFT JOIN busy b ON true LEFT JOIN answer t ON true
