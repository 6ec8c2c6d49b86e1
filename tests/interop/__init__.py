"""Tests of other standards over our use cases."""
