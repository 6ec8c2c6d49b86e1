UPDATE dead_letter_event SET retry_requested = true WHERE {% include "dead_letters/these_events.sql" %}
