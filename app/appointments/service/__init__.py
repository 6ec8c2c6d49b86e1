"""Use cases of appointments: load, decide, write, record. Each writes in one statement, so it is whole or nothing."""
