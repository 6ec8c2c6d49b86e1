"""Places from files: units of the CLUES catalogue, postal codes of GeoNames or SEPOMEX, and non-working days."""
