"""Places from files: units of the CLUES catalogue, postal codes of GeoNames or SEPOMEX, and non-working days."""

from app.places.importers.non_working_days import import_non_working_days
from app.places.importers.postal import import_postal_codes
from app.places.importers.units import import_units

__all__ = ["import_non_working_days", "import_postal_codes", "import_units"]
