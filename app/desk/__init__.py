"""The desk: what joins a request and an appointment. Check-in and tickets come here later."""
