SELECT count(*) {% include "stopped_filter.sql" %}
