"""The desk is tested with the people and files of the tests of requests."""

from tests.requests.conftest import files, scene

__all__ = ["files", "scene"]
