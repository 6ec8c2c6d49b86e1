"""A change of what a program has read names the version that it read, or it is written down here why it needs none."""

import ast
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from app.kernel.problems import PreconditionRequired, Stale
from app.main import create_app
from tests.house.routes import declared, headers
from tests.house.source import APP, files, name_of, nodes

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READERS = {
    "versions_of",
    "weak_versions",
    "read_version",
    "require_match",
    "parse_if_match",
    "baselines.require_current",
}
"""They refuse a request without the header."""

WITHOUT = """
    NEW: makes something, and changes nothing that was read
    POST /api/v1/appointments
    POST /api/v1/appointments/{folio}/feedback
    POST /api/v1/appointments/{folio}/offer/calls
    POST /api/v1/assistances
    POST /api/v1/baselines
    POST /api/v1/clients
    POST /api/v1/clients/{client_id}/keys
    POST /api/v1/clients/{client_id}/secrets
    POST /api/v1/desk/counter
    POST /api/v1/desk/units/{unit_id}/check-ins
    POST /api/v1/desk/units/{unit_id}/number-ranges
    POST /api/v1/desk/units/{unit_id}/tickets
    POST /api/v1/devices
    POST /api/v1/devices/{device_id}/codes
    POST /api/v1/enrolments
    POST /api/v1/holds
    POST /api/v1/holidays
    POST /api/v1/kiosk/check-ins
    POST /api/v1/kiosk/tickets
    POST /api/v1/mandates
    POST /api/v1/me/push-subscriptions
    POST /api/v1/referrals
    POST /api/v1/requests
    POST /api/v1/requests/{folio}/appeal
    POST /api/v1/requests/{folio}/documents
    POST /api/v1/requests/{folio}/feedback
    POST /api/v1/requests/{folio}/messages
    POST /api/v1/savings/reports
    POST /api/v1/schedule-exceptions
    POST /api/v1/schedules
    POST /api/v1/staff/desk-codes
    POST /api/v1/staff/withdrawals
    POST /api/v1/webhooks
    POST /api/v1/webhooks/{webhook_id}/replay
    POST /api/v1/webhooks/{webhook_id}/retry
    POST /api/v1/webhooks/{webhook_id}/test
    POST /api/v1/draws/{draw_id}/registrations
    POST /api/v1/wait-list
    POST /api/v1/wait-offers/{offer_id}/decline

    READING: a search or a proof, with its words in the body
    POST /api/v1/accesses/search
    POST /api/v1/certificates/check
    POST /api/v1/certificates/verify
    POST /api/v1/me/nss-reminders
    POST /api/v1/shift-closures/preview
    POST /api/v1/work/search

    SIGN-IN: of the caller's own session, code or token
    POST /api/v1/assistances/{assistance_id}/code
    POST /api/v1/assistances/{assistance_id}/end
    POST /api/v1/assistances/{assistance_id}/identity
    POST /api/v1/devices/pair
    POST /api/v1/oauth/revoke
    POST /api/v1/oauth/token
    POST /api/v1/sign-in/codes
    POST /api/v1/sign-in/refresh
    POST /api/v1/sign-in/tokens
    POST /api/v1/sign-out
    POST /api/v1/staff/sign-in

    NEXT: the server chooses what comes first; nothing was read
    POST /api/v1/desk/counter/calls
    POST /api/v1/work/claim

    OWN: no one else changes it: the caller's counter, hold, contact, preference, permission or lease
    DELETE /api/v1/holds/{hold_id}
    DELETE /api/v1/mandates/{mandate_id}
    DELETE /api/v1/me/push-subscriptions/{subscription_id}
    POST /api/v1/desk/counter/close
    POST /api/v1/desk/counter/pause
    POST /api/v1/desk/counter/resume
    POST /api/v1/me/contact-changes
    POST /api/v1/push-subscriptions/renewals
    POST /api/v1/work/{folio}/heartbeat
    POST /api/v1/work/{folio}/release
    PUT /api/v1/me/contact
    PUT /api/v1/me/reminders
    PUT /api/v1/me/savings/{transaction_id}/correction
    PUT /api/v1/me/statement-subscription

    ENDS: nothing of it is ever changed, it only ends; once it has, it ends no more
    DELETE /api/v1/clients/{client_id}/credentials/{credential_id}
    DELETE /api/v1/devices/{device_id}
    DELETE /api/v1/personal-tokens/{token_id}
    POST /api/v1/clients/{client_id}/revoke
    DELETE /api/v1/holidays/{holiday_id}
    DELETE /api/v1/requests/{folio}
    DELETE /api/v1/requests/{folio}/documents/{document_id}
    DELETE /api/v1/schedule-exceptions/{exception_id}
    POST /api/v1/desk/units/{unit_id}/offers/{ticket_id}/accept
    POST /api/v1/desk/units/{unit_id}/offers/{ticket_id}/decline
    POST /api/v1/desk/units/{unit_id}/offline-entries/{entry_id}/resolve
    POST /api/v1/messages/{message_id}/resolve
    POST /api/v1/messages/{message_id}/retry
    POST /api/v1/unaddressed-notices/{notice_id}/resolve
    POST /api/v1/work/{folio}/resolve-message

    WHAT HAPPENED: it is recorded as it was, whatever was shown; statuses refuse what can't be
    POST /api/v1/desk/appointments/{folio}/attended
    POST /api/v1/desk/appointments/{folio}/missed
    POST /api/v1/desk/units/{unit_id}/offline-entries
    POST /api/v1/message-bounces
    POST /api/v1/message-reports
    POST /api/v1/work/{folio}/attended

    TRIED: texts are looked at or tested as they are typed; nothing is stored of them
    POST /api/v1/message-texts/{template_id}/preview
    POST /api/v1/message-texts/{template_id}/test

    HELD: of a request that the officer claimed, or that waits for the citizen's answer: its state and holder guard it
    POST /api/v1/requests/{folio}/answer
    POST /api/v1/work/{folio}/ask
    POST /api/v1/work/{folio}/claim
    POST /api/v1/work/{folio}/documents/{document_id}
    POST /api/v1/work/{folio}/visit

    SUPERVISORS: who works on it, whatever its version is by then
    POST /api/v1/work/assign
    POST /api/v1/work/{folio}/assign
    POST /api/v1/work/{folio}/transfer

    SWITCHED: off or on, whatever else of it has changed
    POST /api/v1/webhooks/{webhook_id}/disable
    POST /api/v1/webhooks/{webhook_id}/enable

    PREVIEWED: the body carries the digest of what was shown, or is of each folio in the state that it has
    POST /api/v1/shift-closures
    POST /api/v1/work/bulk

    DRAFT: written over with what was measured; the draft's parameters take If-Match one by one
    POST /api/v1/baselines/measure
"""


@pytest.fixture(scope="module")
def changing() -> list[APIRoute]:
    """The routes of the API that aren't of reading."""
    every = [one for one in create_app().routes if isinstance(one, APIRoute) and one.path.startswith("/api/")]
    return [one for one in every if CHANGING & (one.methods or set())]


def test_a_change_takes_if_match_or_is_written_down_here(changing: list[APIRoute]) -> None:
    without = {
        f"{method} {one.path}"
        for one in changing
        for method in one.methods or ()
        if "if-match" not in headers(one.dependant)
    }
    assert without == declared(WITHOUT)


def test_who_takes_if_match_names_both_refusals(changing: list[APIRoute]) -> None:
    needed = {PreconditionRequired.status, Stale.status}
    taking = [one for one in changing if "if-match" in headers(one.dependant)]
    assert len(taking) > 25
    assert [one.operation_id for one in taking if not needed <= one.responses.keys()] == []


def test_a_route_without_the_version_is_never_taken_for_one_of_any() -> None:
    """A route may only pass the header on, to what refuses its absence: none looks whether it is there."""
    passed: set[tuple[str, int, int]] = set()
    used: set[tuple[str, int, int]] = set()
    for path in files(APP):
        for node in nodes(path):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
                given = [*node.args, *(one.value for one in node.keywords)]
                passed |= {at(path, one) for one in given if isinstance(one, ast.Name) and one.id == "if_match"}
            if isinstance(node, ast.Name) and node.id == "if_match":
                used.add(at(path, node))
    used = {
        place
        for place in used
        if not place[0].startswith(("app/kernel/etags", "app/savings/service", "app/interop/fhir/exchange"))
    }
    assert len(used) > 15
    assert used - passed == set()


def at(path: Path, node: ast.expr) -> tuple[str, int, int]:
    return name_of(path), node.lineno, node.col_offset
