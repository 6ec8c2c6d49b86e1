DELETE FROM dead_letter_event WHERE {% include "dead_letters/these_events.sql" %}
