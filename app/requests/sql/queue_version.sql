{# What changes whenever a line of the queue does: its requests, who has them, for whom they are and until when. -#}
SELECT concat_ws('-', count(*), to_hex(coalesce(bit_xor(hashtextextended(concat_ws(
    ' ', w.request_id, w.role, w.kind, w.due_on, w.escalated_at, CASE WHEN {{ is_held }} THEN w.holder_id END
), 0)), 0))) AS digest
FROM work_item w WHERE {% include "queue_scope.sql" %}
