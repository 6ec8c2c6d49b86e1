{# Whether the person of an offer `o` has an appointment of the service already that is no later: the offer is of no use to
   them. One that the unit can't attend doesn't count. #}
EXISTS (SELECT FROM active_appointment v JOIN appointment a ON (a.unit_id, a.id) = (v.unit_id, v.appointment_id)
    WHERE v.person_id = o.person_id AND v.service = o.service AND v.start_at > :now AND v.start_at <= o.start_at
        AND a.affected IS NULL)
