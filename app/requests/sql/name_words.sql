{# In one order, so that two who bring the same new words wait for each other and never both; most bring none. #}
INSERT INTO name_word (word) SELECT DISTINCT w FROM unnest(CAST(:words AS text[])) w
WHERE NOT EXISTS (SELECT FROM name_word k WHERE k.word = w) ORDER BY w ON CONFLICT DO NOTHING
