{# Draws of a unit whose registration is over. The row is locked: who registers at this instant comes before or is late. -#}
SELECT w.id, w.seed_ciphertext FROM draw w
WHERE w.unit_id = CAST(:unit_id AS uuid) AND w.status = {{ DrawStatus.OPEN }} AND w.closes_at <= :now
ORDER BY w.id FOR UPDATE
