"""Accounts of citizens, staff and their roles, sign-in, sessions and tokens. Independent of the registry."""
