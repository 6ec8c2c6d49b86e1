"""The catalogue and the published data as linked data: CPSV-AP public services and DCAT data sets, as JSON-LD."""
