{# The same server, database and table: a restored table is another one, on the same server too. -#}
(SELECT c.system_identifier || '/' || d.oid || '/' || CAST(CAST('event' AS regclass) AS oid)
    FROM pg_control_system() c, pg_database d WHERE d.datname = current_database())
