{# By words of a name: those of the desk's unit first, then everyone else. At each, who has the words as they are; only
   where no one has, all whose words begin like the last. Each part is planned by itself, for all its rows
   (MATERIALIZED), and read only as far as is needed: planned for the first few, it would read the whole table for a
   name that it takes to be frequent and no one has. -#}
{% set words = "person_words(p.given_names, p.first_surname, p.second_surname, p.unit_id)" -%}
WITH here AS MATERIALIZED (
    SELECT p.id FROM person p WHERE {{ words }} @@ CAST(:whole_here AS tsquery)
), begun_here AS MATERIALIZED (
    SELECT p.id FROM person p
    WHERE {{ words }} @@ CAST(:begun_here AS tsquery) AND NOT EXISTS (SELECT FROM here)
), own AS MATERIALIZED (
    (SELECT id FROM here LIMIT :limit) UNION ALL (SELECT id FROM begun_here LIMIT :limit)
), anywhere AS MATERIALIZED (
    SELECT p.id FROM person p
    WHERE {{ words }} @@ CAST(:whole AS tsquery) AND (SELECT count(*) FROM own) < :limit
        AND p.unit_id IS DISTINCT FROM CAST(:unit_id AS uuid)
), begun AS MATERIALIZED (
    SELECT p.id FROM person p
    WHERE {{ words }} @@ CAST(:begun AS tsquery) AND NOT EXISTS (SELECT FROM own)
        AND NOT EXISTS (SELECT FROM anywhere)
), found AS (
    SELECT id, 1 AS place FROM own
    UNION ALL (SELECT id, 2 FROM anywhere LIMIT :limit)
    UNION ALL (SELECT id, 3 FROM begun LIMIT :limit)
    LIMIT :limit
)
{% include "people_found.sql" %}
