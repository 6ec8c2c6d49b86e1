"""Problems of clients and personal tokens."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Forbidden


class OutsideUnits(Forbidden):
    """The client is limited to units, and the question isn't about one of them."""

    slug = "outside-units"
    title = N_("Ese programa sólo lee lo de sus unidades")
    next_step = N_("Pregunte por una de ellas, con «unit».")


class ClientIsRevoked(Conflict):
    """The client was revoked, for good."""

    slug = "client-is-revoked"
    title = N_("Ese programa ya se dio de baja")
    detail = ""
    next_step = N_("Dé de alta otro.")


class TooManyCredentials(Conflict):
    """A client has two credentials at most, so that one replaces the other."""

    slug = "too-many-credentials"
    title = N_("Ese programa ya tiene dos credenciales")
    detail = N_("Dos sirven a la vez, para cambiar una por otra sin interrumpir nada.")
    next_step = N_("Revoque la que ya no use y cree otra.")


class TooManyTokens(Conflict):
    """A member of staff has twenty personal tokens at most."""

    slug = "too-many-tokens"
    title = N_("Ya tiene veinte permisos personales")
    detail = ""
    next_step = N_("Revoque los que ya no use.")
