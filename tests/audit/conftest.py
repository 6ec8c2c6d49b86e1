"""The record of views is tested with the people of the tests of requests."""

from tests.requests.conftest import files, scene

__all__ = ["files", "scene"]
