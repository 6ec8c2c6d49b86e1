INSERT INTO event_consumer (name, partition, partitions, position, updated_at)
SELECT CAST(:name AS text), n, CAST(:partitions AS int), CAST(:position AS bigint), :now
FROM generate_series(0, CAST(:partitions AS int) - 1) n
