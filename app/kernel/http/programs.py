"""Which addresses are for programs: their language is that of Accept-Language, and a problem is never a page."""

PREFIXES = ("/api/", "/fhir/", "/open311/")


def is_for_programs(path: str) -> bool:
    """Whether an address is one of the API or of another standard over it."""
    return path.startswith(PREFIXES)
