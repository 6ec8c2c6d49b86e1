"""Systems of identifiers and codes: the registries' own where they published one.

CURP and CLUES: object identifiers that the health ministry's information office (DGIS) registers for exchange by
NOM-024-SSA3-2012. INEGI: its unique catalogue of keys of geostatistical areas. The institute published none for the
social-security number: the address of the institution stands for it.
"""

from app.kernel.settings import get_settings
from app.places.importers.zones import STATES

CURP = "urn:oid:2.16.840.1.113883.4.629"
CLUES = "urn:oid:2.16.840.1.113883.4.631"
NSS = "https://www.imss.gob.mx/nss"
INEGI = "https://www.inegi.org.mx/app/ageeml"
SERVICE_TYPE = "http://terminology.hl7.org/CodeSystem/service-type"
LOCATION_TYPE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
CANCEL_REASON = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
CODING = "http://hl7.org/fhir/StructureDefinition/iso21090-SC-coding"
"""The extension by which a text, such as the name of a state, carries its code."""
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
PATH = "/fhir/r4"

STATE_KEYS = {code: f"{number:02d}" for number, code in enumerate(STATES, start=1)}
"""INEGI's keys of the states, by the first letters of a CLUES: both are in the order of the names of the states."""


def base() -> str:
    """The address under which all resources are."""
    return get_settings().base_url + PATH


def own(name: str) -> str:
    """The address of a system, code or extension of this portal."""
    return f"{base()}/{name}"


def folio_system() -> str:
    """The system of folios of appointments."""
    return own("NamingSystem/appointment-folio")


def service_system() -> str:
    """The system of the codes of services."""
    return own("CodeSystem/service")


def reason_system() -> str:
    """The system of the codes of why an appointment was cancelled."""
    return own("CodeSystem/cancel-reason")
