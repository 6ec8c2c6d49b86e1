"""People by the words of their names: an index of the registry, for who finds anyone at a desk."""

from alembic import op

revision = "0019_people_search"
down_revision = "0018_shift_closures"

# The words of a name without accents, in small letters, and the unit as a word of its own: what
# `app.kernel.parsing.search_words` gives for the same name. Marks are taken off before letters are made small: in the
# locale C, `lower` knows those of ASCII alone.
PERSON_WORDS = r"""
    CREATE FUNCTION person_words(given_names text, first_surname text, second_surname text, unit_id uuid)
    RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_to_tsvector(array_remove(
            regexp_split_to_array(
                lower(regexp_replace(
                    normalize(given_names || ' ' || first_surname || ' ' || coalesce(second_surname, ''), NFKD),
                    '[\u0300-\u036f]+', '', 'g')),
                '[^a-z0-9]+'),
            '') || coalesce('@' || unit_id::text, '@'))
    $$
"""
# Without a list of pending entries, as the index of requests: each search would pay for sorting it in.
INDEX = """
    CREATE INDEX ix_person_words ON person
    USING gin (person_words(given_names, first_surname, second_surname, unit_id)) WITH (fastupdate = off)
"""


def upgrade() -> None:
    op.execute(PERSON_WORDS)
    op.execute(INDEX)


def downgrade() -> None:
    op.execute("DROP INDEX ix_person_words")
    op.execute("DROP FUNCTION person_words")
