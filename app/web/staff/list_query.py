"""What the address of a list asks for. A filter, an order or a page that the list doesn't know is left out, and the
page says which: the same on every list of staff."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fastapi import Request

from app.appointments.labels import zone_name
from app.kernel.actor import Staff
from app.kernel.i18n import N_, gettext, ngettext
from app.kernel.problems import Problem
from app.web.notices import NOTICE_FIELDS, SIGNATURE_FIELD
from app.web.rendering import LEFT_OUT
from app.web.staff.header import OF_FIELD, TO_FIELD, VERSION_FIELD

Value = TypeVar("Value")

OTHERS = frozenset({*NOTICE_FIELDS, SIGNATURE_FIELD, OF_FIELD, TO_FIELD, VERSION_FIELD, "guardado"})
"""What any page of staff may have in its address."""
PAGE_LABEL = N_("Página")
LABELS: Mapping[str, str] = {
    "servicio": N_("Trámite"),
    "unidad": N_("Unidad"),
    "asunto": N_("Asunto"),
    "vence": N_("Vencimiento"),
    "estado": N_("Quién la tiene"),
    "quien": N_("La tiene"),
    "espera": N_("Tiempo en espera"),
    "idioma": N_("Idioma"),
    "orden": N_("Orden"),
    "de": N_("Lista"),
    "persona": N_("De quién son los datos"),
    "lector": N_("Quién los vio"),
    "b": N_("Búsqueda"),
    "despues": PAGE_LABEL,
    "antes": PAGE_LABEL,
}
NAME = re.compile(r"[a-z_-]{1,20}")
MAX_NAMED = 5
LONGEST = 300


class ListQuery:
    """The values of an address that this list knows; those it doesn't are noted for the page (`left_out`)."""

    def __init__(self, request: Request, labels: Mapping[str, str] | None = None) -> None:
        self._state = request.scope["state"]
        self._labels = {**LABELS, **(labels or {})}
        self.given = {name: value for name, value in request.query_params.items() if value and name not in OTHERS}
        self._names: list[str] = []
        self._known: set[str] = set()

    def parsed(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        """The value, read by `parse`, which raises ValueError or a Problem; None when it isn't given or is left out."""
        self._known.add(name)
        text = self.given.get(name, "")
        if not text:
            return None
        try:
            if len(text) > LONGEST:
                raise ValueError(name)
            return parse(text)
        except (ValueError, Problem):
            self.leave_out(name)
            return None

    def one_of(self, name: str, choices: Collection[str], default: str = "") -> str:
        """The value, when it is one of the choices offered."""
        return self.parsed(name, lambda text: _of(text, choices)) or default

    def leave_out(self, name: str) -> None:
        """Note that this one isn't obeyed."""
        self.given.pop(name, None)
        self._names.append(name)

    def done(self) -> None:
        """All that the list knows was asked for: say what else is in the address, and what was left out."""
        names = [*self._names, *(name for name in self.given if name not in self._known)]
        labels = dict.fromkeys(self._label(name) for name in names)
        if labels:
            notice = ngettext(
                "Este filtro no se aplicó, porque no se conoce lo que pide: %(names)s.",
                "Estos filtros no se aplicaron, porque no se conoce lo que piden: %(names)s.",
                len(labels),
            )
            self._state[LEFT_OUT] = notice % {"names": ", ".join(list(labels)[:MAX_NAMED])}

    def _label(self, name: str) -> str:
        if name in self._labels:
            return gettext(self._labels[name])
        return name if NAME.fullmatch(name) else gettext(N_("otro"))


def _of(text: str, choices: Collection[str]) -> str:
    if text not in choices:
        raise ValueError(text)
    return text


def leave_out_all(request: Request) -> None:
    """Of a list that has no filters: what its address asks for is left out."""
    ListQuery(request).done()


ALL_BY_ONE = N_("Las horas son las de esta zona: %(zone)s.")


@dataclass(frozen=True, slots=True)
class Clocks:
    """How a list says by which clock its times are. `is_each_named`: its times are by several clocks, so each has the
    name of its own beside it; `line`: the clock of all of them, for a reader who has no clock of one unit."""

    is_each_named: bool
    line: str


def clocks_of(actor: Staff, zones: Iterable[str]) -> Clocks:
    """How the times of a list, which are by these clocks, are shown to a reader."""
    found = {zone_name(zone) for zone in zones}
    has_own = actor.unit_ids is not None and len(actor.unit_ids) == 1
    line = "" if has_own or len(found) != 1 else gettext(ALL_BY_ONE) % {"zone": next(iter(found))}
    return Clocks(len(found) > 1, line)
