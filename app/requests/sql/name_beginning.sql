{# Words are of a-z and 0-9, compared letter by letter: what begins alike ends before the next sign, `{`. #}
SELECT word FROM name_word WHERE word >= :begun AND word < CAST(:begun AS text) || '{' LIMIT :limit
