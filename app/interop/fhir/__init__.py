"""HL7 FHIR R4 for appointments: places, times, people and bookings, with the scheduling operations of IHE."""
