"""Use cases of identity: codes, sessions, tokens, staff."""

from app.identity.rules import Contact
from app.identity.service.accounts import account_of, choose_language, close_account
from app.identity.service.codes import (
    count_first_time,
    forget_codes,
    issue_desk_code,
    owner_of_link,
    request_code,
    request_opening,
    verify_code,
    verify_link,
)
from app.identity.service.contacts import Change, change_contact, start_change
from app.identity.service.freezing import REPORTED, Reported, freeze, reported, sign_link
from app.identity.service.mandates import grant_mandate, mandates_of, revoke_mandate
from app.identity.service.proofs import Proved
from app.identity.service.refresh import Tokens, forget_tokens, refresh, revoke_family, start_family
from app.identity.service.revocation import forget_revocations, former_contacts, is_revoked
from app.identity.service.sessions import (
    Proof,
    end_session,
    end_sessions_of,
    find_session,
    forget_sessions,
    sign_in_session,
    start_session,
    visited_session,
)
from app.identity.service.staff import StaffCreated, add_staff, require_no_demo_staff, sign_in_staff, staff_by_id

__all__ = [
    "REPORTED",
    "Change",
    "Contact",
    "Proof",
    "Proved",
    "Reported",
    "StaffCreated",
    "Tokens",
    "account_of",
    "add_staff",
    "change_contact",
    "choose_language",
    "close_account",
    "count_first_time",
    "end_session",
    "end_sessions_of",
    "find_session",
    "forget_codes",
    "forget_revocations",
    "forget_sessions",
    "forget_tokens",
    "former_contacts",
    "freeze",
    "grant_mandate",
    "is_revoked",
    "issue_desk_code",
    "mandates_of",
    "owner_of_link",
    "refresh",
    "reported",
    "request_code",
    "request_opening",
    "require_no_demo_staff",
    "revoke_family",
    "revoke_mandate",
    "sign_in_session",
    "sign_in_staff",
    "sign_link",
    "staff_by_id",
    "start_change",
    "start_family",
    "start_session",
    "verify_code",
    "verify_link",
    "visited_session",
]
