"""Names that service files may use and other packages implement; tests there check that each is implemented."""

EFFECTS = frozenset(
    {
        "assign_nss",
        "assign_unit",
        "add_dependant",
        "end_dependant",
        "correct_person",
        "certify_unemployment",
        "enrol_modality_40",
        "enrol_family_health",
        "place_in_nursery",
        "grant_pension",
    }
)
"""Changes of the registry on approval: `requests.service.effects`."""

UNDOABLE_EFFECTS = frozenset({"add_dependant", "correct_person"})
"""Effects that the approver can undo for some minutes."""

LOW_EFFECTS = frozenset({"assign_nss"})
LOW_RULES = frozenset({"has_no_nss", "data_compared"})
"""What a service at the low level of assurance may change and ask of the registry: nothing that shows or harms."""

CERTIFICATES = frozenset({"nss", "vigencia", "weeks", "sick-leave", "not-insured", "resolution"})
"""Official documents: `certificates/templates/`."""

BASELINES = frozenset({"look-up", "certificate", "procedure", "procedure-with-visits"})
"""What the same transaction takes in person; the figures are rows of the measurement's parameter table."""

PREFILL = frozenset(
    {
        "person.curp",
        "person.nss",
        "person.postal_code",
        "person.email",
        "person.phone",
        "person.shift",
        "person.unit_id",
    }
)
"""Registry values with which a field may be prefilled: `requests.service.facts`."""
