"""From steps to transactions: each batch is merged by itself, so that the order of events makes no difference.

First and last are by event id (UUIDv7: the order they were recorded in), sums are of whole numbers, and times are
the earliest or the latest.
"""

from sqlalchemy import text

from app.savings.models import UNKNOWN_PERSON

# The person as they are today, stored when first seen and on every change. A change counts from tomorrow
# on: whatever began until today was described already, and a rebuild must describe it alike.
CAPTURE_PROFILES = text(
    f"""
    WITH seen AS (
        SELECT p.id, CAST(date_trunc('month', p.birth_on) AS date) AS birth_on, p.sex, p.language,
            CASE WHEN c.is_rural IS NULL THEN 'unknown' WHEN c.is_rural THEN 'rural' ELSE 'urban' END AS rurality,
            c.latitude, c.longitude
        FROM (SELECT DISTINCT person_id FROM saving_step WHERE person_id <> '{UNKNOWN_PERSON}') s
        JOIN person p ON p.id = s.person_id LEFT JOIN postal_code c ON c.code = p.postal_code
    ),
    last AS (
        SELECT DISTINCT ON (f.person_id) f.* FROM saving_profile f JOIN seen ON seen.id = f.person_id
        ORDER BY f.person_id, f.since DESC
    )
    INSERT INTO saving_profile (person_id, since, birth_on, sex, language, rurality, latitude, longitude)
    SELECT n.id, CASE WHEN l.person_id IS NULL THEN DATE '0001-01-01' ELSE CAST(:today AS date) + 1 END, n.birth_on,
        n.sex, n.language, n.rurality, n.latitude, n.longitude
    FROM seen n LEFT JOIN last l ON l.person_id = n.id
    WHERE l.person_id IS NULL OR (l.birth_on, l.sex, l.language, l.rurality, l.latitude, l.longitude)
        IS DISTINCT FROM (n.birth_on, n.sex, n.language, n.rurality, n.latitude, n.longitude)
    ON CONFLICT (person_id, since) DO UPDATE SET birth_on = EXCLUDED.birth_on, sex = EXCLUDED.sex,
        language = EXCLUDED.language, rurality = EXCLUDED.rurality, latitude = EXCLUDED.latitude,
        longitude = EXCLUDED.longitude
    """
)

_FIRST = "(array_agg({0} ORDER BY id) FILTER (WHERE {1}))[1]"
_LAST = "(array_agg({0} ORDER BY id DESC) FILTER (WHERE {1}))[1]"


def _first(column: str, condition: str = "is_own") -> str:
    return _FIRST.format(column, condition)


def _last(column: str, condition: str) -> str:
    return _LAST.format(column, condition)


_MERGED_STEPS = f"""
    SELECT person_id, service, transaction_id AS id, array_agg(id) AS event_ids,
        coalesce({_first("counts_as")}, service) AS counts_as, min(at) AS started_at,
        min(at) FILTER (WHERE type = 'request.submitted') AS submitted_at,
        bool_or(is_own) AS is_own, {_first("id")} AS first_event, {_first("channel")} AS channel,
        {_first("device")} AS device,
        {_last("id", "unit_id IS NOT NULL")} AS unit_event, {_last("unit_id", "unit_id IS NOT NULL")} AS unit_id,
        sum(seconds)::int AS seconds, (count(*) FILTER (WHERE is_own))::int AS steps, sum(visits)::int AS visits,
        {_last("id", "outcome IS NOT NULL")} AS outcome_event, {_last("outcome", "outcome IS NOT NULL")} AS outcome,
        {_last("at", "outcome IS NOT NULL")} AS ended_at,
        ARRAY(SELECT jsonb_array_elements_text({_last("to_jsonb(reasons)", "outcome IS NOT NULL")})) AS reasons,
        {_last("by_rules", "outcome IS NOT NULL")} AS by_rules,
        {_last("id", "due_on IS NOT NULL")} AS due_event, {_last("due_on", "due_on IS NOT NULL")} AS due_on,
        {_last("hold_id", "hold_id IS NOT NULL")} AS hold_id,
        {_last("id", "is_survey")} AS survey_event, {_last("would_have_visited", "is_survey")} AS would_have_visited,
        {_last("satisfaction", "is_survey")} AS satisfaction,
        {_last("id", "attendance IS NOT NULL")} AS attendance_event,
        {_last("attendance", "attendance IS NOT NULL")} AS attendance
    FROM saving_step GROUP BY person_id, service, transaction_id
"""


MERGE_SCRATCH = text(
    f"CREATE TEMP TABLE IF NOT EXISTS saving_merge ON COMMIT DELETE ROWS AS {_MERGED_STEPS} WITH NO DATA"
)
MERGE = text(f"INSERT INTO saving_merge {_MERGED_STEPS}")
