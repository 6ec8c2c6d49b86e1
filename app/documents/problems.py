"""The refusals of documents: what is wrong with the file, and what to send instead."""

from typing import Any

from app.kernel.i18n import N_
from app.kernel.problems import Invalid, TooLarge, Unavailable


class FileNotAccepted(Invalid):
    """The content is of no format that documents have, or of none that this document takes."""

    slug = "file-not-accepted"
    title = N_("Ese tipo de archivo no sirve para este documento")
    detail = ""
    next_step = N_("Envíe una foto (JPG, PNG, WebP o HEIC) o un PDF.")


class FileEmpty(Invalid):
    """The file has no content; nothing was stored."""

    slug = "file-empty"
    title = N_("El archivo está vacío")
    detail = ""
    next_step = N_("Elija otra vez la foto o el PDF, o tome una foto nueva.")


class FilePasswordProtected(Invalid):
    """The PDF asks for a password to be opened; nothing was stored."""

    slug = "file-password-protected"
    title = N_("El PDF tiene contraseña y no podemos abrirlo")
    detail = ""
    next_step = N_("Guárdelo sin contraseña, o tome una foto del documento.")


class FileDamaged(Invalid):
    """The file is of an accepted format and can't be opened to its end; nothing was stored."""

    slug = "file-damaged"
    title = N_("El archivo está dañado o incompleto")
    detail = ""
    next_step = N_("Tome la foto otra vez, o guarde el PDF de nuevo y envíelo.")


class FileTooComplex(Invalid):
    """The file has too many pages or pixels, or needs too much memory or time to be opened; nothing was stored."""

    slug = "file-too-complex"
    title = N_("No podemos aceptar el archivo: es demasiado complejo")
    detail = ""
    next_step = N_("Tome una foto del documento, o divida el PDF en partes.")

    def __init__(self, *, is_costly: bool = False, **given: Any) -> None:
        super().__init__(**given)
        self.is_costly = is_costly


class FileInfected(Invalid):
    """The scanner found something harmful; nothing was kept."""

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
    """The place where files are kept doesn't answer; nothing was saved, or what was kept can't be shown now."""

    slug = "storage-unavailable"
    title = N_("No podemos guardar ni mostrar archivos en este momento")


class InspectionBusy(Unavailable):
    """Too many files are being examined at this moment; nothing was stored."""

    slug = "inspection-busy"
    title = N_("Estamos revisando muchos archivos en este momento")
    detail = N_("El archivo no se guardó.")
    next_step = N_("Espere unos segundos y envíelo otra vez.")
