"""The discovery document: where the endpoint is, and how a key is had."""

from typing import Any

from app.interop.open311.catalogue import complaint
from app.interop.open311.formats import MEDIA_TYPES
from app.interop.open311.systems import base
from app.kernel.i18n import N_, gettext
from app.kernel.settings import get_settings

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
WRITTEN = "2026-11-30"
CONTACT = N_("El portal: %(address)s")
KEY_SERVICE = N_("La llave es el permiso de acceso de la persona: se pide en %(address)s con su CURP y un código.")


def discovery(*, is_test: bool) -> dict[str, Any]:
    """The document. `is_test`: the units are those of the demonstration."""
    changed = f"{WRITTEN} {complaint().version:04d}"
    address = get_settings().base_url
    return {
        "changeset": changed,
        "contact": gettext(CONTACT) % {"address": address},
        "key_service": gettext(KEY_SERVICE) % {"address": f"{address}/api/v1/sign-in/tokens"},
        "endpoints": [
            {
                "specification": SPECIFICATION,
                "url": base(),
                "changeset": changed,
                "type": "test" if is_test else "production",
                "formats": [one.partition(";")[0] for one in MEDIA_TYPES.values()],
            }
        ],
    }
