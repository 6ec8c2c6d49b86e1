"""The insured: who they are, their NSS, affiliation periods, dependants and assigned unit."""
