"""The front desk: coordinates a request and its appointment. Check-in and tickets will be added here."""
