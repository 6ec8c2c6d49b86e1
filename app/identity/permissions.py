"""Permission checks of use cases: roles of staff and assurance of citizens."""

from collections.abc import Iterable

from app.identity.problems import AssuranceRequired, WrongRole
from app.kernel.actor import Assurance, Citizen, Role, Staff


def require_assurance(actor: Citizen, needed: Assurance = Assurance.FULL) -> None:
    """Require a level of assurance.

    Raises:
        AssuranceRequired: the actor's level is lower.
    """
    if not actor.assurance.reaches(needed):
        raise AssuranceRequired(extra={"assurance": actor.assurance.value, "required": needed.value})


def require_role(actor: Staff, roles: Iterable[Role]) -> None:
    """Require one of these roles.

    Raises:
        WrongRole: the actor has another role.
    """
    if actor.role not in set(roles):
        raise WrongRole
