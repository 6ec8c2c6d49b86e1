"""Why a form of a page has no effect: its page is shown again, with this on top and what was typed."""

from typing import ClassVar

from app.kernel.i18n import N_
from app.kernel.problems import BadRequest, Conflict, Invalid, Problem


class AboutTyped(Problem):
    """Says that what was typed is still there: true of a page with fields that show it. Where there were only buttons,
    or the form is there no more, it says the `bare_` texts; and where the page isn't shown again, those of
    `elsewhere`."""

    bare_detail: ClassVar[str] = ""
    bare_next_step: ClassVar[str] = ""
    elsewhere: ClassVar[str] = N_("Vuelva a la página para ver cómo está todo ahora.")
    fresh: ClassVar[str] = N_("Esta página muestra cómo está todo ahora. Léala antes de elegir otra vez.")

    def bare(self, *, is_page_shown: bool) -> Problem:
        """The same, on a page that shows nothing of what was typed."""
        step = type(self).bare_next_step if is_page_shown else type(self).elsewhere
        return type(self)(detail=type(self).bare_detail, next_step=step)


class PageChanged(AboutTyped, Conflict):
    """What the page of a form showed has changed since: nothing was done, and the page shows it as it is."""

    slug = "page-changed"
    title = N_("Esto cambió mientras tenía abierta la página")
    detail = N_("No se hizo nada. Así está ahora; lo que usted escribió sigue aquí.")
    next_step = N_("Revíselo y envíelo otra vez si todavía lo quiere.")
    bare_detail = N_("No se hizo nada.")
    bare_next_step = AboutTyped.fresh


class AlreadySent(AboutTyped, Conflict):
    """The form was sent before, with something else in it: the first is done, this one is not."""

    slug = "already-sent"
    title = N_("Este formulario ya se había enviado")
    detail = N_("Lo que envió la primera vez ya está hecho. Lo que escribió ahora sigue aquí, sin enviar.")
    next_step = N_("Revíselo y envíelo otra vez si también lo quiere.")
    bare_detail = N_("Lo que envió la primera vez ya está hecho. Esta vez no se hizo nada.")
    bare_next_step = AboutTyped.fresh


class StoredResponseUnreadable(Conflict):
    """The form was sent before and took effect; the page that answered it was encrypted with a removed key."""

    slug = "stored-response-unreadable"
    title = N_("Este formulario ya se había enviado")
    detail = N_("Lo que pidió ya está hecho. La página que le respondió ya no se puede mostrar.")
    next_step = N_("No hace falta enviarlo otra vez.")


class FormIncomplete(BadRequest):
    """A form without the hidden fields of its page."""

    slug = "form-incomplete"
    title = N_("El formulario llegó incompleto")
    detail = N_("No se hizo nada.")
    next_step = N_("Vuelva a abrir la página e inténtelo otra vez.")


class TextTooLong(Invalid):
    """A text has more letters than any may have: nothing was done, and it is shown again."""

    slug = "text-too-long"
    title = N_("Un texto es demasiado largo")
    detail = N_("No se envió nada. Puede tener hasta %(most)s letras; lo que escribió sigue aquí.")
    next_step = N_("Acórtelo y envíelo otra vez.")


class SessionHadEnded(Problem):
    """After signing in again: the page of a button that was pressed when the session had ended. Nothing was done."""

    slug = "session-had-ended"
    status = 200
    title = N_("La sesión había terminado")
    detail = N_("No se hizo nada.")
    next_step = AboutTyped.fresh


class FormRestored(AboutTyped):
    """After signing in again: the page as it was left, with what had been typed. Nothing was done."""

    slug = "form-restored"
    status = 200
    title = N_("Recuperamos lo que escribió")
    detail = N_("La sesión había terminado y no se envió nada.")
    next_step = N_("Revíselo y envíelo.")

    def bare(self, *, is_page_shown: bool) -> Problem:
        return SessionHadEnded(next_step=None if is_page_shown else self.elsewhere)


class FormRedisplayed(AboutTyped):
    """Asked for by a button of the form: its page again, with what was typed. Nothing was done."""

    slug = "form-redisplayed"
    status = 200
    title = N_("No se ha enviado nada")
    detail = N_("Lo que escribió sigue aquí.")
    bare_detail = N_("Esta página muestra cómo está todo ahora.")
