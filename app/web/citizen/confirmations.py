"""What was done just now, said on the page that it leads to: by the address, so that it is there again after a reload.

An address alone says nothing that isn't so: each sentence is shown only while the request bears it out.
"""

from collections.abc import Callable

from fastapi import Request

from app.kernel.i18n import N_, gettext
from app.requests.models import Request as RequestRow
from app.requests.schemas import RequestDetailOut

DONE = "hecho"
Bears = Callable[[RequestRow, RequestDetailOut], bool]


def _last_message_is(kind: str) -> Bears:
    return lambda _row, view: any(one.kind == kind and one.author_kind == "citizen" for one in view.messages)


SENTENCES: dict[str, tuple[str, Bears]] = {
    "enviada": (N_("Recibimos su solicitud."), lambda row, _view: row.submitted_at is not None),
    "mensaje": (N_("Enviamos su mensaje."), _last_message_is("message")),
    "respuesta": (
        N_("Recibimos su respuesta. La revisión sigue."),
        lambda row, view: row.kind == "review" and _last_message_is("answer")(row, view),
    ),
    "revision": (
        N_("Recibimos su petición de otra revisión."),
        lambda row, view: row.kind == "review" and view.appealed_at is not None,
    ),
    "retirada": (N_("Retiró la solicitud: ya nadie la revisa."), lambda row, _view: row.outcome == "withdrawn"),
    "opinion": (N_("Gracias por su opinión."), lambda row, _view: row.feedback is not None),
}


def done(path: str, what: str) -> str:
    """The address of a page that says what was done."""
    return f"{path}?{DONE}={what}"


def done_sentence(request: Request, row: RequestRow, view: RequestDetailOut) -> str | None:
    """What the page says was done just now, if the address asks for it and it is so."""
    sentence, is_so = SENTENCES.get(request.query_params.get(DONE, ""), ("", None))
    return gettext(sentence) if is_so is not None and is_so(row, view) else None
