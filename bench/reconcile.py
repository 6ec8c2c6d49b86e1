"""Reconciliation after a load test: the database against the responses that clients got."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from bench.harness import rows
from bench.load_test import Entry, Journal

CHANGES = ("book", "move", "cancel")

QUESTIONS = {
    "seats booked twice": """
        SELECT count(*) FROM (SELECT 1 FROM appointment WHERE status = 'booked'
            GROUP BY unit_id, room, start_at, seat HAVING count(*) > 1) twice""",
    "appointments without their seat": """
        SELECT count(*) FROM appointment a LEFT JOIN seat s ON (s.unit_id, s.room, s.start_at, s.seat)
            = (a.unit_id, a.room, a.start_at, a.seat) AND s.state = 'booked' AND s.appointment_id = a.id
            AND s.holder_id = a.person_id
        WHERE a.status = 'booked' AND s.unit_id IS NULL""",
    "seats booked for nobody (lost)": """
        SELECT count(*) FROM seat s LEFT JOIN appointment a ON a.id = s.appointment_id AND a.status = 'booked'
        WHERE s.state = 'booked' AND a.id IS NULL""",
    "people with two open appointments": """
        SELECT count(*) FROM (SELECT 1 FROM appointment WHERE status = 'booked' AND start_at > now()
            GROUP BY person_id, service HAVING count(*) > 1) two""",
    "open appointments not in the register": """
        SELECT count(*) FROM appointment a FULL JOIN active_appointment v ON v.appointment_id = a.id
        WHERE (a.status = 'booked') IS DISTINCT FROM (v.appointment_id IS NOT NULL)""",
    "appointments whose events don't add up to their version": """
        SELECT count(*) FROM appointment a WHERE a.version <> (SELECT count(*) FROM event e WHERE e.subject_id = a.id)
            OR 1 <> (SELECT count(*) FROM event e WHERE e.subject_id = a.id AND e.type = 'appointment.booked')""",
}
# A move to the time that the appointment has already is answered, and its answer kept, without an event.
KEPT = """
    SELECT (SELECT count(*) FROM idempotency_key) - (SELECT count(*) FROM event
        WHERE type IN ('seat.held', 'appointment.booked', 'appointment.moved', 'appointment.cancelled'))"""


def reconcile(url: str, journal: Journal, seats: int) -> list[str]:
    """Everything that isn't as it must be; empty when the books are right."""
    wrong = [f"{what}: {found}" for what, question in QUESTIONS.items() if (found := rows(url, question)[0][0])]
    unchanged = _unchanged(journal)
    # Joining the wait list and declining an offer store their answers too.
    others = len({entry.key for entry in journal.entries if entry.kind in ("join", "decline")})
    kept = rows(url, KEPT)[0][0] - others
    if kept != len(unchanged):
        wrong.append(f"answers kept without an event: {kept}, moves that changed nothing: {len(unchanged)}")
    left = rows(url, "SELECT count(*) FROM seat")[0][0]
    if left != seats:
        wrong.append(f"seats: {seats} before, {left} after")
    wrong += [f"fault of the server: {fault}" for fault in journal.faults[:5]]
    wrong += [f"twins answered differently: {pair}" for pair in journal.unequal[:5]]
    wrong += [f"one person, two appointments: {pair}" for pair in journal.doubled[:5]]
    return wrong + _doubled(url, journal, unchanged) + _untrue(url, journal, unchanged)


WAIT_QUESTIONS = {
    "freed seats accepted twice": """
        SELECT count(*) FROM (SELECT 1 FROM wait_offer WHERE answer = 'accepted'
            GROUP BY unit_id, freed_seat_id HAVING count(*) > 1) twice""",
    "offers without one event of their making": """
        SELECT count(*) FROM wait_offer o WHERE 1 <> (
            SELECT count(*) FROM event e WHERE e.subject_id = o.id AND e.type = 'wait-offer.made')""",
    "answered offers without one event of the answer": """
        SELECT count(*) FROM wait_offer o WHERE o.answer IS NOT NULL AND 1 <> (
            SELECT count(*) FROM event e WHERE e.subject_id = o.id AND e.type = 'wait-offer.' || o.answer)""",
    "offers with two answers": """
        SELECT count(*) FROM wait_offer o WHERE 2 < (SELECT count(*) FROM event e WHERE e.subject_id = o.id)""",
    "accepted offers whose entry waits still, and the other way round": """
        SELECT count(*) FROM wait_entry e WHERE coalesce(e.end_reason, '') = 'accepted' IS DISTINCT FROM EXISTS (
            SELECT FROM wait_offer o WHERE o.unit_id = e.unit_id AND o.entry_id = e.id AND o.answer = 'accepted')""",
    "accepted offers whose freed seat is open still, and the other way round": """
        SELECT count(*) FROM freed_seat f WHERE coalesce(f.outcome, '') = 'accepted' IS DISTINCT FROM EXISTS (
            SELECT FROM wait_offer o WHERE o.unit_id = f.unit_id AND o.freed_seat_id = f.id
                AND o.answer = 'accepted')""",
    "freed seats that no one looks at (lost)": """
        SELECT count(*) FROM freed_seat WHERE outcome IS NULL AND look_at < now() - interval '6 seconds'""",
    "seats held by an offer that ended": """
        SELECT count(*) FROM seat s JOIN wait_offer o ON o.id = s.hold_id
        WHERE s.state = 'held' AND s.held_until > now() AND o.answer IS NOT NULL""",
    "open offers of people with two": """
        SELECT count(*) FROM (SELECT 1 FROM wait_offer WHERE answer IS NULL
            GROUP BY person_id, service HAVING count(*) > 1) two""",
}


def reconcile_waits(url: str, accepted: int) -> list[str]:
    """Everything of the wait list that isn't as it must be; `accepted`: acceptances that clients were answered."""
    wrong = [f"{what}: {found}" for what, question in WAIT_QUESTIONS.items() if (found := rows(url, question)[0][0])]
    made = rows(url, "SELECT count(*) FROM wait_offer WHERE answer = 'accepted'")[0][0]
    return wrong + ([f"offers accepted: {made}, acknowledged: {accepted}"] if made != accepted else [])


def _unchanged(journal: Journal) -> set[str]:
    """Keys of moves that answered the very version, room and time that another change had made: they had no effect."""
    made: dict[tuple[str, int], Entry] = {}
    found = set()
    for entry in sorted(journal.entries, key=lambda one: one.kind == "move"):
        if entry.kind not in CHANGES:
            continue
        first = made.setdefault((entry.body["folio"], entry.body["version"]), entry)
        same = all(first.body[name] == entry.body[name] for name in ("status", "room", "start_at"))
        if entry.key != first.key and entry.kind == "move" and same:
            found.add(entry.key)
    return found


def _doubled(url: str, journal: Journal, unchanged: set[str]) -> list[str]:
    """Every acknowledged key had exactly one effect, and every effect was acknowledged."""
    entries = {entry.key: entry for entry in journal.entries if entry.key not in unchanged}
    told = Counter(entry.kind for entry in entries.values())
    names = {"hold": "seat.held", "book": "appointment.booked", "move": "appointment.moved"}
    names |= {"cancel": "appointment.cancelled"}
    happened = dict(rows(url, "SELECT type, count(*) FROM event GROUP BY type"))
    return [
        f"{kind}: {told[kind]} acknowledged, {happened.get(event, 0)} happened"
        for kind, event in names.items()
        if told[kind] != happened.get(event, 0)
    ]


def _untrue(url: str, journal: Journal, unchanged: set[str]) -> list[str]:
    """The last answer about each appointment says what the database says, and no answer in between is missing."""
    answers: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
    wrong: list[str] = []
    for entry in journal.entries:
        if entry.kind in CHANGES and entry.key not in unchanged:
            earlier = answers[entry.body["folio"]].setdefault(entry.body["version"], entry)
            if earlier.key != entry.key:
                wrong.append(f"{entry.body['folio']}: version {entry.body['version']} was acknowledged twice")
    kept = {row[0]: row[1:] for row in rows(url, "SELECT folio, version, status, room, start_at FROM appointment")}
    for folio, versions in answers.items():
        wrong += _compared(folio, versions, kept.pop(folio, None))
    wrong += [f"{folio}: nobody was told of it" for folio in kept]
    return wrong[:20]


def _compared(folio: str, versions: dict[int, Entry], row: tuple[Any, ...] | None) -> list[str]:
    if row is None:
        return [f"{folio}: acknowledged and not there"]
    version, status, room, start_at = row
    if sorted(versions) != list(range(1, version + 1)):
        return [f"{folio}: at version {version}, acknowledged {sorted(versions)}"]
    last = versions[version].body
    told = (last["status"], last["room"], datetime.fromisoformat(last["start_at"]))
    return [] if told == (status, room, start_at) else [f"{folio}: told {told}, kept {(status, room, start_at)}"]
