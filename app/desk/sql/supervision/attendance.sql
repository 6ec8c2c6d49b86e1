{# How the appointments of some days ended, by service. #}
SELECT a.service, count(*) FILTER (WHERE a.status = {{ AppointmentStatus.ATTENDED }}) AS attended,
    count(*) FILTER (WHERE a.status = {{ AppointmentStatus.MISSED }}) AS missed,
    count(*) FILTER (WHERE a.status = {{ AppointmentStatus.CANCELLED }}) AS cancelled,
    count(*) FILTER (WHERE a.status = {{ AppointmentStatus.UNSERVED }}) AS unserved
FROM appointment a
WHERE a.unit_id = CAST(:unit_id AS uuid) AND a.on_date BETWEEN CAST(:first AS date) AND CAST(:last AS date)
GROUP BY a.service ORDER BY a.service
