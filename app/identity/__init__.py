"""Who is there: accounts of citizens, staff and their roles, sign-in, sessions and tokens. Knows no registry."""
