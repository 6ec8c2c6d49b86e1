"""The rules of requests, pure: the legal clock, who comes first, forms, checks and what they decide, fees."""
