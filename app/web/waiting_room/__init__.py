"""Pages of a unit's own machines: the board of the waiting room, and the kiosk."""
