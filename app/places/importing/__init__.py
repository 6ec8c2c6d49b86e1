"""Places from published files: units from the CLUES catalogue, postal codes from GeoNames or SEPOMEX."""

from app.places.importing.postal import import_postal_codes
from app.places.importing.units import import_units

__all__ = ["import_postal_codes", "import_units"]
