"""The edge: what happens to every request before a room sees it and after it has answered. Pure ASGI."""
