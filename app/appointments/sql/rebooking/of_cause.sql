{% set phone -%}
coalesce(nullif(p.phone, ''), (
    SELECT c.phone FROM account c
    WHERE c.person_id = p.id AND c.frozen_at IS NULL AND c.assurance = {{ Assurance.FULL }}), (
    SELECT nullif(h.phone, '') FROM dependant d JOIN person h ON h.id = d.holder_id
    WHERE d.person_id = p.id AND {{ is_registered("d", today) }} AND {{ is_minor("p.birth_on", today) }}
    ORDER BY d.holder_id LIMIT 1))
{%- endset -%}
{# Whom a closure hit and how each answered: the last offer of each, and where the appointment is now. -#}
SELECT * FROM (
    SELECT DISTINCT ON (o.appointment_id) o.id, o.appointment_id, o.unit_id, o.person_id, o.room, o.start_at, o.tier,
        o.to_unit_id, t.name AS to_unit_name, t.timezone AS to_timezone, o.to_room, o.to_start_at, o.reply_by,
        o.held_until, o.answer, o.answered_at, o.answered_by, o.calls, o.called_at, a.folio, a.service, a.status,
        a.version, a.start_at AS now_at, a.room AS now_room, p.given_names, p.first_surname, p.second_surname,
        {{ phone }} AS phone
    FROM rebooking_offer o
    JOIN appointment a ON a.unit_id = o.unit_id AND a.id = o.appointment_id
    JOIN person p ON p.id = o.person_id
    JOIN unit u ON u.id = o.unit_id
    LEFT JOIN unit t ON t.id = o.to_unit_id
    WHERE o.cause_id = CAST(:cause_id AS uuid)
    ORDER BY o.appointment_id, o.created_at DESC, o.id DESC
) last ORDER BY start_at, folio LIMIT :limit
