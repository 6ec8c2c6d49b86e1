"""Reads of the desk: who waits and who is called, the day's list of a room, and where staff sit."""
