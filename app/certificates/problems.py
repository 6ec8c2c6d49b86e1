"""Problems of certificates."""

from app.kernel.i18n import N_
from app.kernel.problems import Conflict, Unavailable, wait_in_words

AN_HOUR = 3_600


class NoCertificate(Conflict):
    """The request isn't decided, or its service gives no certificate."""

    slug = "no-certificate"
    title = N_("Esta solicitud no tiene constancia")
    detail = N_("Todavía no se decide, o el trámite no da un documento.")
    next_step = N_("Revise cómo va la solicitud con su folio.")


class CertificatePending(Conflict):
    """The approval can still be undone: the document is issued when that period is over."""

    slug = "certificate-pending"
    title = N_("El documento estará listo en unos minutos")
    detail = N_("La aprobación es de hace un momento y todavía puede corregirse. Los datos del registro ya cambiaron.")
    next_step = N_("Descárguelo en %(wait)s.")
    sent_headers = ("Retry-After",)

    def __init__(self, seconds: int) -> None:
        super().__init__(headers={"Retry-After": str(seconds)}, seconds=seconds)

    def _fill(self, text: str) -> str:
        self.values["wait"] = wait_in_words(int(str(self.values["seconds"])))
        return super()._fill(text)


class SigningUnavailable(Unavailable):
    """The signing key is missing or unusable: no certificates can be issued. Issued ones stay valid."""

    slug = "signing-unavailable"
    title = N_("Por ahora no podemos expedir constancias")
    detail = N_("Falta la llave con que se firman. Su solicitud está a salvo.")
    next_step = N_("Inténtelo más tarde, o llame para que se la entreguen en su unidad.")

    def __init__(self) -> None:
        super().__init__(retry_after=AN_HOUR)


class GlyphsMissing(Conflict):
    """The font lacks a glyph that the document needs: nothing is signed with a substitute; staff are informed."""

    slug = "glyphs-missing"
    title = N_("Este documento necesita ayuda del personal")
    detail = N_(
        "Tiene letras que nuestros documentos no pueden imprimir: %(letters)s. No firmamos nada con letras cambiadas."
    )
    next_step = N_("Ya lo sabe el personal de su unidad. También puede pedirlo en la ventanilla.")


class FileNotChecked(Unavailable):
    """No capacity to check a file right now."""

    slug = "file-not-checked"
    title = N_("Por ahora no pudimos revisar el archivo")
    detail = N_("Hay demasiados archivos en revisión.")
    next_step = N_("Inténtelo en un minuto, o compruebe el documento con su folio y su código.")

    def __init__(self) -> None:
        super().__init__(retry_after=60)
