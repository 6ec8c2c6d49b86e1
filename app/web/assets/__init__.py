"""The page assets: a theme compiled from GOV.UK Frontend's sources, installed by npm from a lock with hashes."""
