"""Pages for people: every one works without JavaScript, on a small screen, in Spanish and English. No SQL here."""
