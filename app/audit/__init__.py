"""Looking up who did and saw what."""
