"""Assistance: by what a person's identity may be checked on each channel, and which level of assurance that gives.
Pure."""

from enum import StrEnum

from app.kernel.actor import Assurance, Channel


class IdentityCheck(StrEnum):
    """By what the identity of the person is checked."""

    DOCUMENT = "document"
    QUESTIONS = "questions"
    CODE = "code"


class SeenDocument(StrEnum):
    """The identity documents that the counter accepts."""

    VOTER_CARD = "voter-card"
    PASSPORT = "passport"
    PROFESSIONAL_CARD = "professional-card"
    MILITARY_CARD = "military-card"
    OLDER_ADULT_CARD = "older-adult-card"
    RESIDENT_CARD = "resident-card"


def checks_on(channel: Channel) -> list[IdentityCheck]:
    """The checks that a channel offers, the surest first: nothing can be seen on the telephone."""
    on_phone = [IdentityCheck.CODE, IdentityCheck.QUESTIONS]
    return [IdentityCheck.DOCUMENT, *on_phone] if channel is Channel.DESK else on_phone


def assurance_of(check: IdentityCheck) -> Assurance:
    """The level that a check gives: knowing what the registry has proves less than a document or a contact."""
    return Assurance.LOW if check is IdentityCheck.QUESTIONS else Assurance.FULL


def raised(before: Assurance | None, check: IdentityCheck) -> Assurance:
    """The level after another check: it never falls."""
    found = assurance_of(check)
    return before if before is not None and before.reaches(found) else found
