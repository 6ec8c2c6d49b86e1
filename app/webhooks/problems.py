"""Refusals about webhooks."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict


class WebhookIsDisabled(Conflict):
    """A webhook that is disabled sends nothing, not even a test."""

    slug = "webhook-disabled"
    title = N_("Este webhook está desactivado")
    next_step = N_("Actívelo y vuelva a intentarlo.")
