"""Messages to people: codes and appointments, by e-mail or text message. A listener: it learns from the event log."""
