"""No domain words live here: database, ids, clock, settings, problems, events, log, jobs, HTTP."""
