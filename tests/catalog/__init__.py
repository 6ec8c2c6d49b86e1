"""Tests of the services as versioned data."""
