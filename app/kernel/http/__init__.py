"""ASGI middleware and helpers: what happens to a request before and after its route."""
