"""Use cases of identity: codes, sessions, tokens, staff."""
