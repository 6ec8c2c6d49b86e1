"""Official documents: a decided request as a signed PDF that anybody can verify with its folio and code."""
