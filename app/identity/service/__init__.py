"""Use cases of identity: codes, sessions, tokens, staff."""

from app.identity.rules import Contact
from app.identity.service.account_freeze import (
    REPORTED_EVENTS,
    ReportedEvent,
    freeze,
    read_report_link,
    sign_report_link,
)
from app.identity.service.accounts import account_of, choose_language, close_account
from app.identity.service.codes import (
    count_enrolment_attempt,
    delete_expired_codes,
    issue_desk_code,
    owner_of_link,
    request_account_opening,
    request_code,
    verify_code,
    verify_link,
)
from app.identity.service.contacts import Change, change_contact, start_change
from app.identity.service.mandates import grant_mandate, mandates_of, revoke_mandate
from app.identity.service.proofs import SignInResult
from app.identity.service.refresh import Tokens, delete_expired_tokens, refresh, revoke_family, start_family
from app.identity.service.revocation import delete_expired_revocations, former_contacts, is_revoked
from app.identity.service.sessions import (
    Proof,
    delete_expired_sessions,
    end_session,
    end_sessions_of,
    find_session,
    sign_in_session,
    start_session,
    touch_session,
)
from app.identity.service.staff import StaffCreated, add_staff, require_no_demo_staff, sign_in_staff, staff_by_id

__all__ = [
    "REPORTED_EVENTS",
    "Change",
    "Contact",
    "Proof",
    "ReportedEvent",
    "SignInResult",
    "StaffCreated",
    "Tokens",
    "account_of",
    "add_staff",
    "change_contact",
    "choose_language",
    "close_account",
    "count_enrolment_attempt",
    "delete_expired_codes",
    "delete_expired_revocations",
    "delete_expired_sessions",
    "delete_expired_tokens",
    "end_session",
    "end_sessions_of",
    "find_session",
    "former_contacts",
    "freeze",
    "grant_mandate",
    "is_revoked",
    "issue_desk_code",
    "mandates_of",
    "owner_of_link",
    "read_report_link",
    "refresh",
    "request_account_opening",
    "request_code",
    "require_no_demo_staff",
    "revoke_family",
    "revoke_mandate",
    "sign_in_session",
    "sign_in_staff",
    "sign_report_link",
    "staff_by_id",
    "start_change",
    "start_family",
    "start_session",
    "touch_session",
    "verify_code",
    "verify_link",
]
