"""What the document says of the whole API: who answers for it, where it is, and what its tags mean."""

from typing import Any

DESCRIPTION = """\
Citizen services over HTTP. `docs/api.md` of the project is the guide.

- **Problems**: refusals are `application/problem+json` (RFC 9457). `code` is the machine-readable reason, `next_step`
  says what to do, and each of `fields` has a `code` of its own.
- **Idempotency-Key**: the same key with the same request gives the same answer, with `Idempotency-Replayed: true`.
- **If-Match**: changes of what was read name its version: 412 when it has changed since, 428 without the header.
- **Lists** are paged by the `Link` header; cursors are opaque.
- **Language**: `Accept-Language: es` (default) or `en`.
"""
LICENSE = {"name": "MIT", "identifier": "MIT"}

TAGS: dict[str, str] = {
    "appointments": "Find a free time, hold it, book it, move it, cancel it.",
    "audit": "Who saw whose data, for administrators.",
    "baselines": "Versions of the parameters by which savings are measured, for analysts.",
    "certificates": "Official documents: download one's own, verify anyone's.",
    "clients": "Programs of other systems and personal tokens, for administrators.",
    "desk": "Arrivals at a unit: check-in, tickets, counters, calls, the board, assistance.",
    "devices": "Kiosks and boards of a unit.",
    "fair release": "Seats that are released in waves or by draw.",
    "kiosk": "What a kiosk does by its own token.",
    "law": "Figures of law by the day on which they are in force.",
    "messages": "Messages to people: reminders, texts, dead letters, reports of delivery.",
    "metrics": "What people saved, how long they waited, what was refused; whole tables as files.",
    "oauth": "Access tokens of clients (OAuth 2.0 client credentials).",
    "operations": "Health and metrics, for operators.",
    "people": "The signed-in person, their family, contact, accesses and statement.",
    "requests": "A request of a service, from draft to decision, for the citizen.",
    "schedules": "Schedules, closures and days off of a unit, and the appointments that they affect.",
    "services": "The services offered: forms, conditions, documents.",
    "sign-in": "One-time codes, tokens, enrolment, staff.",
    "staff": "What staff do for a person who is at the desk.",
    "units": "Units of the agency.",
    "wait list": "Freed times, offered one by one to those who wait.",
    "webhooks": "Subscriptions of other systems to events.",
    "work": "The queue of requests, for officers and supervisors.",
}


def tags() -> list[dict[str, Any]]:
    """The tags with their descriptions, by name."""
    return [{"name": name, "description": text} for name, text in sorted(TAGS.items())]
