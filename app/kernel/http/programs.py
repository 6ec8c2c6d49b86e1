"""Which addresses are for programs: their language is that of Accept-Language, and a problem is never a page."""

PREFIXES = ("/api/", "/fhir/")
DOCUMENTATION = "/api/v1/docs"
"""The pages about the API, which stand beside it."""


def is_for_programs(path: str) -> bool:
    """Whether an address is one of the API or of another standard over it."""
    is_page = path == DOCUMENTATION or path.startswith(f"{DOCUMENTATION}/")
    return path.startswith(PREFIXES) and not is_page
