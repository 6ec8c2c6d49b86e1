{# Whether another time was offered instead of the appointment `a` and isn't answered yet: it stays the person's to move
   or cancel for a week. #}
(a.affected IS NOT NULL AND a.start_at > {{ now }} - interval '{{ changeable_days }} days' AND EXISTS (
    SELECT FROM rebooking_offer o WHERE o.unit_id = a.unit_id AND o.appointment_id = a.id AND o.answer IS NULL))
