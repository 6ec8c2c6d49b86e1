"""Why a document doesn't serve, in words the citizen reads. Pure."""

from app.kernel.i18n import N_, _

REASONS = {
    "unreadable": N_("No se lee bien: tome la foto con más luz y sin reflejos."),
    "cut": N_("Le falta una parte: deben verse las cuatro esquinas y todas las páginas."),
    "another": N_("No es el documento que se pidió."),
    "somebody-else": N_("Es de otra persona."),
    "expired": N_("Ya no está vigente."),
    "altered": N_("Tiene tachaduras o enmendaduras."),
}


def words(because: str | None, more: str) -> str:
    """A reason of the list, what the officer adds, or both; empty when there is neither."""
    return " ".join(part for part in (_(REASONS[because]) if because else "", more.strip()) if part)
