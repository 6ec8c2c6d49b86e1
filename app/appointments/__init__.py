"""Medical appointments: schedules, seats, holds, bookings. A seat is a row, so capacity can't be exceeded."""
