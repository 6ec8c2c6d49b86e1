"""No domain words live here: database, ids, clock, settings, problems, facts, log, jobs, HTTP."""
