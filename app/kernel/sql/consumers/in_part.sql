{% if key %}AND get_byte(uuid_send({{ key }}), 15) % :partitions = :partition{% endif %}
