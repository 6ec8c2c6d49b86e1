"""House tests that need an actor use the people of the tests of requests."""

from tests.appointments.conftest import working_days
from tests.requests.conftest import files, scene

__all__ = ["files", "scene", "working_days"]
