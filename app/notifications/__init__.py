"""Messages to people by e-mail or SMS, composed from the event log: codes, appointments, requests."""
