"""What every page of staff shows on top: who is signed in, in which role and where; and what the last button did."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import Depends, Request

from app.identity.access import VisitWeb
from app.kernel.db import Tx
from app.kernel.i18n import N_, gettext
from app.kernel.ids import parse_folio
from app.requests.queries import WORKERS, who_works
from app.web.access_words import STAFF_ROLES

DONE_FIELD, OF_FIELD, VERSION_FIELD = "hecho", "folio", "v"
"""The query of a page to which a button led: what the button did, by a name of `DONE`, to which request, and
which version of it that left."""
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
    "rechazado": N_("Rechazó el documento. Falta pedirlo otra vez a la persona."),
    "cita": N_("Se hizo la cita en ventanilla. El plazo se detuvo."),
    "decidida": N_("Quedó decidida la solicitud %(folio)s."),
    "propuesta": N_("Propuso la negativa de %(folio)s. La confirma otra persona."),
    "regresada": N_("La solicitud %(folio)s volvió a revisión."),
    "ultima": N_("Quedó decidida la solicitud %(folio)s. No queda otra libre con esos filtros."),
    "reintento": N_("Se intentará otra vez en unos segundos."),
    "descarte": N_("Se descartó."),
    "avisada": N_("Se anotó que ya le avisó."),
    "guardado": N_("Se guardaron los cambios."),
}


@dataclass(frozen=True, slots=True)
class Header:
    """Who is signed in. `unit` is where they work, in words; `works` whether they have a queue."""

    full_name: str
    role: str
    unit: str
    works: bool
    done: str = ""
    """What the last button did, in words."""
    version: str = ""
    """Which version of the request that left."""
    is_outdated: bool = False
    """The request has changed since that button: the page says so to a person who goes back to it."""


async def _header(request: Request, visit: VisitWeb, tx: Tx) -> None:
    if visit.row is None or visit.row.staff_id is None:
        return
    found = await who_works(tx, visit.row.staff_id)
    if found is None:
        return
    if found.unit_name:
        unit = found.unit_name
    else:
        unit = gettext(N_("Todas las unidades")) if found.units is None else gettext(N_("Varias unidades"))
    request.scope["state"]["header"] = Header(
        found.full_name,
        gettext(STAFF_ROLES[found.role]),
        unit,
        works=found.role in {one.value for one in WORKERS},
        done=done_words(request.query_params.get(DONE_FIELD, ""), request.query_params.get(OF_FIELD, "")),
        version=request.query_params.get(VERSION_FIELD, ""),
    )


HEADER = Depends(_header)


def done_words(name: str, folio: str) -> str:
    """What a button did, in words; empty for a name that isn't one of ours."""
    try:
        folio = parse_folio(folio) if folio else ""
    except ValueError:
        return ""
    return " ".join((gettext(DONE[name]) % {"folio": folio}).split()) if name in DONE else ""


def done(path: str, name: str, folio: str = "", version: int | None = None) -> str:
    """The address of a page that says what the button did, and which version of the request it left."""
    query = {DONE_FIELD: name} | ({OF_FIELD: folio} if folio else {})
    query |= {VERSION_FIELD: str(version)} if version is not None else {}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query)}"


def announce(request: Request, name: str, folio: str = "") -> None:
    """Say on the page that answers this very request what its button did."""
    header: Header | None = request.scope["state"].get("header")
    if header is not None:
        request.scope["state"]["header"] = replace(header, done=done_words(name, folio))


def outdate(request: Request, version: int) -> None:
    """Say of a page that was gone back to that the request has changed since its button was pressed."""
    header: Header | None = request.scope["state"].get("header")
    if header is not None and header.done and header.version and header.version != str(version):
        request.scope["state"]["header"] = replace(header, done="", is_outdated=True)
