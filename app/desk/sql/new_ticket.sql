{# The ticket of a number (`numbered`), and its event. #}
made AS (
    INSERT INTO desk_ticket (unit_id, id, on_date, letter, number, service, person_id, appointment_folio,
        request_folio, room, is_protected, arrived_at, due_at, rank_at, first_at, status)
    SELECT CAST(:unit_id AS uuid), CAST(:ticket_id AS uuid), CAST(:on_date AS date), :letter, last, :service,
        CAST(:person_id AS uuid), CAST(:appointment_folio AS text), CAST(:request_folio AS text),
        CAST(:room AS integer), :is_protected, CAST(:arrived_at AS timestamptz),
        CAST(:due_at AS timestamptz), CAST(:rank_at AS timestamptz), CAST(:first_at AS timestamptz),
        {{ TicketStatus.WAITING }}
    FROM numbered
    RETURNING *
),
recorded AS (
    {{ insert_event(
        id="CAST(:event_id AS uuid)",
        at=now,
        type="CAST(:event_type AS text)",
        subject_id="id",
        person_id="person_id",
        unit_id="unit_id",
        actor_kind="CAST(:actor_kind AS text)",
        actor_id="CAST(:actor_id AS uuid)",
        channel="CAST(:channel AS text)",
        service="service",
        payload="CAST(:payload AS jsonb)",
    ) }}
    FROM made
    RETURNING {{ notify("'desk:' || unit_id") }}
)
SELECT * FROM made
