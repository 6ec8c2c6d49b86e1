"""Reads of the desk: who waits and who is called, the day's list of a room, where staff sit, and the board."""
