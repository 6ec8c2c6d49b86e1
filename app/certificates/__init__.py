"""Official documents: a decided request as a signed PDF that anybody can verify by its folio and code."""
