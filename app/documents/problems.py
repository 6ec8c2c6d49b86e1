"""The refusals of documents: what is wrong with the file, and what to send instead."""

from app.kernel.i18n import N_
from app.kernel.problems import Invalid, TooLarge, Unavailable


class FileNotAccepted(Invalid):
    """The content isn't an image or a PDF that can be opened, or isn't of a format this document takes."""

    slug = "file-not-accepted"
    title = N_("No podemos usar ese archivo")
    detail = N_("No es una imagen o un PDF que se pueda abrir, o no es del formato que se pide.")
    next_step = N_("Tome una foto (JPG, PNG o WebP) o use un PDF sin contraseña.")


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


class StorageAway(Unavailable):
    """The place where files are kept doesn't answer; nothing was saved, or what was kept can't be shown now."""

    slug = "storage-away"
    title = N_("No podemos guardar ni mostrar archivos en este momento")
