"""Programs of other systems (OAuth clients), and personal tokens of staff: what may call the API without a person."""
