"""Official documents: a decided request as a signed PDF that anyone can verify by its folio and code."""
