"""Rules of the desk: the life of a ticket, and who is called next. Pure."""
