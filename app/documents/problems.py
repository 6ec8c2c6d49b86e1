"""Problems of documents: what is wrong with the file, and what to send instead."""

from typing import Any

from app.kernel.i18n import N_
from app.kernel.problems import Invalid, TooLarge, Unavailable


class FileNotAccepted(Invalid):
    """The content isn't in a format that this document accepts."""

    slug = "file-not-accepted"
    title = N_("Ese tipo de archivo no sirve para este documento")
    detail = ""
    next_step = N_("Envíe una foto (JPG, PNG, WebP o HEIC) o un PDF.")


class FileEmpty(Invalid):
    """The file is empty; nothing was stored."""

    slug = "file-empty"
    title = N_("El archivo está vacío")
    detail = ""
    next_step = N_("Elija otra vez la foto o el PDF, o tome una foto nueva.")


class FilePasswordProtected(Invalid):
    """The PDF requires a password to open; nothing was stored."""

    slug = "file-password-protected"
    title = N_("El PDF tiene contraseña y no podemos abrirlo")
    detail = ""
    next_step = N_("Guárdelo sin contraseña, o tome una foto del documento.")


class FileDamaged(Invalid):
    """The file is in an accepted format but can't be opened completely; nothing was stored."""

    slug = "file-damaged"
    title = N_("El archivo está dañado o incompleto")
    detail = ""
    next_step = N_("Tome la foto otra vez, o guarde el PDF de nuevo y envíelo.")


class FileTooComplex(Invalid):
    """The file has too many pages or pixels, or takes too much memory or time to open; nothing was stored."""

    slug = "file-too-complex"
    title = N_("No podemos aceptar el archivo: es demasiado complejo")
    detail = ""
    next_step = N_("Tome una foto del documento, o divida el PDF en partes.")

    def __init__(self, *, is_costly: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.is_costly = is_costly


class FileInfected(Invalid):
    """The virus scanner rejected the file; nothing was stored."""

    slug = "file-infected"
    title = N_("El archivo contiene algo dañino")
    detail = N_("No lo guardamos.")
    next_step = N_("Tome una foto nueva del documento y envíela.")


class FileTooLarge(TooLarge):
    """The file is larger than this document may be."""

    slug = "file-too-large"
    title = N_("El archivo es demasiado grande")
    detail = N_("Puede medir hasta %(megabytes)s MB.")
    next_step = N_("Tome la foto con menos calidad o divida el PDF.")


class StorageUnavailable(Unavailable):
    """File storage is unavailable: nothing was stored, or a stored file can't be served now."""

    slug = "storage-unavailable"
    title = N_("No podemos guardar ni mostrar archivos en este momento")


class InspectionBusy(Unavailable):
    """Too many files are being examined right now; nothing was stored."""

    slug = "inspection-busy"
    title = N_("Estamos revisando muchos archivos en este momento")
    detail = N_("El archivo no se guardó.")
    next_step = N_("Espere unos segundos y envíelo otra vez.")
