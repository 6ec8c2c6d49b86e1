"""Units, rooms (consultorios), shifts, postal codes and holidays: where attention is given, and when it is open."""
