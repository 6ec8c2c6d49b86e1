"""Messages to people by e-mail or text message: codes, appointments, requests. A listener: the event log tells it."""
