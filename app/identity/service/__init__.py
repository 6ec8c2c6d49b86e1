"""Use cases of identity: codes, sessions, tokens, staff."""

from app.identity.service.accounts import account_of, choose_language, close_account
from app.identity.service.codes import (
    Contact,
    enrol_code,
    forget_codes,
    issue_desk_code,
    request_code,
    verify_code,
    verify_link,
)
from app.identity.service.mandates import grant_mandate, mandates_of, revoke_mandate
from app.identity.service.refresh import Tokens, forget_tokens, refresh, revoke_family, start_family
from app.identity.service.sessions import (
    Proof,
    end_session,
    end_sessions_of,
    find_session,
    forget_sessions,
    sign_in_session,
    start_session,
)
from app.identity.service.staff import StaffCreated, add_staff, require_no_demo_staff, sign_in_staff, staff_by_id

__all__ = [
    "Contact",
    "Proof",
    "StaffCreated",
    "Tokens",
    "account_of",
    "add_staff",
    "choose_language",
    "close_account",
    "end_session",
    "end_sessions_of",
    "enrol_code",
    "find_session",
    "forget_codes",
    "forget_sessions",
    "forget_tokens",
    "grant_mandate",
    "issue_desk_code",
    "mandates_of",
    "refresh",
    "request_code",
    "require_no_demo_staff",
    "revoke_family",
    "revoke_mandate",
    "sign_in_session",
    "sign_in_staff",
    "staff_by_id",
    "start_family",
    "start_session",
    "verify_code",
    "verify_link",
]
