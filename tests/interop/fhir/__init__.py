"""Tests of FHIR R4."""
