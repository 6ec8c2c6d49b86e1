"""Officers and the queue they take from, each derived from its number: the same for HTTP, pgbench and SQL."""

from uuid import UUID

from app.catalog.loader import get_service
from app.identity.tokens import STAFF, issue_access_token
from app.requests.events import WorkClaimed
from app.requests.queries.search import vector
from app.requests.service.claims import QUEUES
from bench import dataset
from bench.harness import execute

OFFICERS = 500
UNITS = 20
SERVICE = "complaint"
STAFF_MEMBER, REQUEST = "00000000-0000-7000-b000-", "00000000-0000-7000-c000-"

N = "CAST(:n AS integer)"
_ME = dataset.sql_uuid(STAFF_MEMBER, f"{N} % {OFFICERS}")
# What a claim's statement is called with, as pgbench sees it: the officer derived from the serial number `n`.
CLAIM_VALUES = {
    "me": _ME,
    "family": "NULL",
    "claim_key": f"('limit-' || CAST({N} AS text))",
    "unit_id": "NULL",
    "queues": f"text '{QUEUES}'",
    "services": "NULL",
    "now": "now()",
    "lease_until": "(now() + interval '15 minutes')",
    "event_id": "uuidv7()",
    "event_type": f"text '{WorkClaimed.type}'",
    "channel": "text 'desk'",
    "call": "0",
}


def officer_id(n: int) -> UUID:
    """The officer who makes the n-th claim."""
    return UUID(f"{STAFF_MEMBER}{n % OFFICERS:012x}")


def token_of_officer(n: int) -> str:
    """The access token of the n-th officer."""
    return issue_access_token(STAFF, officer_id(n))[0]


def token_of_supervisor() -> str:
    """The access token of the one who works at every unit."""
    return issue_access_token(STAFF, UUID(f"{STAFF_MEMBER}{OFFICERS:012x}"))[0]


def add_officers(url: str) -> None:
    """The officers, each of one unit, and a supervisor of all; the units must be there."""
    execute(
        url,
        "INSERT INTO staff (id, username, full_name, role, password_hash, totp_secret_encrypted, all_units, is_active,"
        f" created_at) SELECT {dataset.sql_uuid(STAFF_MEMBER, 'n')}, 'staff-' || n, 'Rosa Díaz',"
        f" CASE WHEN n < {OFFICERS} THEN 'officer' ELSE 'supervisor' END, '-', '', n = {OFFICERS}, true, now()"
        f" FROM generate_series(0, {OFFICERS}) n",
        f"INSERT INTO staff_unit (staff_id, unit_id) SELECT {dataset.sql_uuid(STAFF_MEMBER, 'n')},"
        f" {dataset.sql_uuid(dataset.UNIT, f'n % {UNITS}')} FROM generate_series(0, {OFFICERS - 1}) n",
    )


def fill_queue(url: str, people: int) -> None:
    """One request of every person waits for an officer of the unit with their number."""
    unit = dataset.sql_uuid(dataset.UNIT, f"n % {UNITS}")
    name = vector("ANA PÉREZ", None)
    days = get_service(SERVICE).target.working_days
    due, age = "current_date + n % 20", "now() - n * interval '3 seconds'"
    execute(
        url,
        "INSERT INTO request (person_id, id, folio, service, service_version, status, kind, applicant_id, acting_as,"
        " channel, unit_id, answers, duplicate_key, target_days, running_since, due_on, search, created_at,"
        f" changed_at, submitted_at) SELECT {dataset.sql_uuid(dataset.PERSON, 'n')}, {dataset.sql_uuid(REQUEST, 'n')},"
        f" 'Q-' || n, '{SERVICE}', {get_service(SERVICE).version}, 'review', 'review',"
        f" {dataset.sql_uuid(dataset.PERSON, 'n')}, 'self', 'web', {unit}, '{{\"about\": \"complaint\"}}', 'complaint',"
        f" {days}, current_date, {due}, CAST($q${name}$q$ AS tsvector) || CAST($q$'@$q$ || {unit} || $q$'$q$ AS"
        f" tsvector), {age}, {age}, {age} FROM generate_series(0, {people - 1}) n",
        "INSERT INTO work_item (unit_id, request_id, person_id, folio, service, role, rank_on, due_on, submitted_at,"
        " language) SELECT unit_id, id, person_id, folio, service, 'officer', due_on, due_on, submitted_at, 'es'"
        " FROM request",
    )
