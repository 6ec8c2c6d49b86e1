SELECT {% include "person_facts.sql" %}
