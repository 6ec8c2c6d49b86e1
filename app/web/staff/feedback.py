"""What a page says after a button led to it: what was done to which request, how it was decided, and whose queue or
which unit it is in now. The address has names of ours and ids alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.actor import Staff
from app.kernel.i18n import N_, gettext
from app.kernel.ids import parse_folio
from app.kernel.problems import NotFound
from app.places.queries import units_by_id
from app.requests.queries import own, people
from app.web.staff_labels import staff_state_words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

DONE: Mapping[str, str] = {
    "tomada": N_("Tomó la solicitud %(folio)s."),
    "devuelta": N_("Devolvió la solicitud %(folio)s a la cola."),
    "asignada": N_("Asignó la solicitud %(folio)s."),
    "enviada": N_("Envió la solicitud %(folio)s a otra unidad."),
    "pedida": N_("Se pidió a la persona lo que falta. El plazo se detuvo."),
    "mensaje": N_("Se envió el mensaje a la persona."),
    "nota": N_("Se guardó la nota interna."),
    "leida": N_("El mensaje quedó como leído, sin respuesta."),
    "vino": N_("Se anotó que la persona vino a la ventanilla."),
    "deshecha": N_("Se deshizo la aprobación: el registro dice lo de antes y usted tiene otra vez la solicitud."),
    "aceptado": N_("Aceptó el documento."),
    "rechazado": N_("Rechazó el documento. La persona no lo sabe hasta que se le pide otra vez."),
    "cita": N_("Se hizo la cita en ventanilla. El plazo se detuvo."),
    "decidida": N_("Quedó decidida la solicitud %(folio)s."),
    "propuesta": N_("Propuso la negativa de %(folio)s."),
    "regresada": N_("La solicitud %(folio)s volvió a revisión."),
    "ultima": N_("Quedó decidida la solicitud %(folio)s. No quedaba otra libre con esos filtros."),
    "reintento": N_("Pidió que se intente otra vez."),
    "descarte": N_("Se descartó."),
    "avisada": N_("Se anotó que ya le avisó."),
    "guardado": N_("Se guardaron los cambios."),
    "texto": N_("Se guardó el texto. Se usa desde este momento."),
    "texto-restaurado": N_("El texto de esa versión está en uso otra vez."),
    "cerrado": N_("Quedó cerrado."),
    "abierto": N_("Se abrió otra vez."),
    "respuesta": N_("Se anotó la respuesta."),
    "agenda": N_("La agenda quedó como se mostró."),
    "aparato": N_("El aparato se dio de baja: ya no puede hacer nada."),
    "programa": N_("El programa se dio de baja: ya no lee nada."),
    "credencial": N_("La credencial se revocó: ya no sirve, ni lo que se obtuvo con ella."),
    "permiso": N_("El permiso se revocó: ya no sirve."),
    "webhook-prueba": N_(
        "Pidió una prueba. Su respuesta aparece abajo; si no está, cargue la página otra vez en unos segundos."
    ),
    "webhook-reenvio": N_("Pidió enviarlos otra vez. Abajo se ve cómo van."),
    "webhook-desactivado": N_("El webhook se desactivó: no se le envía nada más."),
    "webhook-activado": N_("El webhook recibe los sucesos desde este momento."),
}
# The same, where it is known how the request stands: its state, the unit whose queue it is in, who has it.
KNOWN: Mapping[str, str] = {
    "devuelta": N_("Devolvió la solicitud %(folio)s a la cola de %(unit)s."),
    "asignada": N_("Asignó la solicitud %(folio)s a %(holder)s."),
    "enviada": N_("Envió la solicitud %(folio)s a la cola de %(unit)s."),
    "decidida": N_("La solicitud %(folio)s quedó decidida: %(state)s. Ya no está en ninguna cola."),
    "propuesta": N_("Propuso la negativa de %(folio)s. La confirma otra persona: espera en la cola de %(unit)s."),
    "regresada": N_("La solicitud %(folio)s volvió a revisión: espera en la cola de %(unit)s."),
    "ultima": N_(
        "La solicitud %(folio)s quedó decidida: %(state)s. Ya no está en ninguna cola. No quedaba otra libre con"
        " esos filtros."
    ),
}
# What a button says of a proposed refusal, and whether one, with its reasons, stands after it.
PROPOSED: Mapping[str, bool] = {"propuesta": True, "regresada": False}
NOTIFY_YOURSELF = N_("Avísele usted: no le llega ningún mensaje.")


async def feedback(session: AsyncSession, actor: Staff, name: str, folio: str = "", to: str = "") -> str:
    """What a button did, in words, to the request of this folio, sent to a unit (`to`, its id); empty for a name that
    isn't one of ours, and for a decision that doesn't stand."""
    try:
        folio = parse_folio(folio) if folio else ""
    except ValueError:
        return ""
    if name not in DONE:
        return ""
    known = await _known(session, actor, name, folio, to) if name in KNOWN else {}
    if name in ("decidida", "ultima") and known and "state" not in known:
        return ""
    text = gettext(DONE[name])
    with suppress(KeyError):
        text = gettext(KNOWN[name]) % known
    text = text % {"folio": folio} if "%(folio)s" in text else text
    return " ".join([*text.split(), *([gettext(NOTIFY_YOURSELF)] if "unreached" in known else [])])


async def _known(session: AsyncSession, actor: Staff, name: str, folio: str, to: str) -> dict[str, str]:
    """How the request stands now; only where it was sent, of one that isn't at a unit of the actor's any more; nothing
    of what a proposal waits for once it was confirmed or sent back."""
    found = {"folio": folio}
    unit_id = None
    with suppress(ValueError):
        unit_id = UUID(to)
    with suppress(NotFound):
        row = await own.own_request(session, actor, folio)
        if name in PROPOSED and (row.kind == "final" or bool(row.reasons) != PROPOSED[name]):
            return found
        unit_id = unit_id or row.unit_id
        work = await people.work_of(session, row)
        if row.kind == "final":
            found["state"] = staff_state_words(row.service, row.kind, row.outcome)
            if await people.unreachable_requests(session, [row]):
                found["unreached"] = "yes"
        if work is not None and work.holder_name and not work.has_lapsed:
            found["holder"] = work.holder_name
    units = await units_by_id(session, [unit_id]) if unit_id else []
    return found | ({"unit": units[0].name} if units else {})
