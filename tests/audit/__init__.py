"""Who saw whose data: what is recorded, and who reads the record."""
