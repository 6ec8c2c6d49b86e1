"""Other standards over our use cases: each maps its terms to ours and back, and decides nothing itself."""
