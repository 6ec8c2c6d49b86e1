"""The filters of the queue's page: what its address says, the same part of the queue, and what is chosen in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from app.catalog.loader import load_services
from app.identity.service.staff_accounts import find_staff
from app.kernel.actor import Staff
from app.kernel.i18n import N_, gettext
from app.kernel.parsing import whole_number
from app.places.queries import units_by_id
from app.requests.queries.queue import Filter, days_ago
from app.requests.rules.kinds import Due, Sort
from app.web.staff.list_query import LABELS, ListQuery

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

PAGE = "/ventanilla/cola"
STATES = {
    "": N_("Todas"),
    "free": N_("Libres"),
    "held": N_("Tomadas"),
    "mine": N_("Mías"),
    "escalated": N_("Escaladas"),
}
DUE = {"": N_("Cualquier fecha"), "late": N_("Vencidas"), "today": N_("Vencen hoy"), "near": N_("Por vencer")}
DUES: dict[str, Due] = {"late": "late", "today": "today", "near": "near"}
AGES = {"": N_("Cualquiera"), "7": N_("7 días o más"), "15": N_("15 días o más"), "30": N_("30 días o más")}
KINDS = {
    "": N_("Todo"),
    "decision": N_("Por decidir"),
    "second-review": N_("Negativas por confirmar"),
    "appeal": N_("Peticiones de revisión interna"),
    "message": N_("Mensajes por contestar"),
}
LANGUAGES = {"": N_("Cualquiera"), "es": N_("Español"), "en": N_("Inglés")}
SORTS: dict[Sort, str] = {
    "priority": N_("Prioridad"),
    "due": N_("La que vence antes"),
    "oldest": N_("La más antigua"),
    "newest": N_("La más reciente"),
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "estado": STATES,
    "vence": DUE,
    "espera": AGES,
    "idioma": LANGUAGES,
    "asunto": KINDS,
}
FILTERS = ("servicio", "estado", "vence", "espera", "idioma", "asunto", "unidad", "quien", "orden")


async def view_asked(
    tx: AsyncSession, actor: Staff, query_: ListQuery, names: Mapping[str, str], only: Collection[str] = FILTERS
) -> tuple[QueueView, Mapping[str, str]]:
    """The filters that an address asks for, those of `only`, and the names of units and holders with those asked for
    among them (`names` are of those with something in the list). An unknown one is left out."""
    found = {name: query_.one_of(name, TABLES[name]) for name in TABLES if name in only}
    found["servicio"] = query_.one_of("servicio", load_services())
    asked_for = {}
    for name in [one for one in ("unidad", "quien") if one in only]:
        id_ = query_.parsed(name, UUID)
        if id_ is None:
            continue
        words = names.get(str(id_)) or await _name(tx, actor, name, id_)
        if words is None:
            query_.leave_out(name)
        else:
            found[name], asked_for[str(id_)] = str(id_), words
    if "orden" in only:
        found["orden"] = query_.one_of("orden", SORTS)
    return QueueView.read(found), {**names, **asked_for}


async def _name(tx: AsyncSession, actor: Staff, filter_name: str, id_: UUID) -> str | None:
    """The unit of the actor's, or the colleague, with nothing in the list."""
    if filter_name == "quien":
        member = await find_staff(tx, id_)
        return member.full_name if member else None
    units = await units_by_id(tx, [id_]) if actor.works_at(id_) else []
    return units[0].name if units else None


@dataclass(frozen=True, slots=True)
class QueueView:
    """What the queue's page shows: its filters by the names of its address, and the order."""

    values: Mapping[str, str]
    sort: Sort = "priority"

    @classmethod
    def read(cls, values: Mapping[str, str]) -> QueueView:
        """What these values say; what isn't one of ours is left out."""
        found = {name: values[name] for name, table in TABLES.items() if values.get(name) in table}
        if values.get("servicio") in load_services():
            found["servicio"] = values["servicio"]
        for name in ("unidad", "quien"):
            if unit := _id(values.get(name, "")):
                found[name] = str(unit)
        sort: Sort = next((one for one in SORTS if one == values.get("orden")), "priority")
        return cls({name: value for name, value in found.items() if value}, sort)

    @classmethod
    def of_query(cls, query: str) -> QueueView:
        """What the query of an address says."""
        return cls.read(dict(parse_qsl(query[:1_000])))

    def filter(self) -> Filter:
        """The same part of the queue."""
        days = self.values.get("espera")
        return Filter(
            services=[self.values["servicio"]] if "servicio" in self.values else None,
            state=self.values.get("estado"),
            due=DUES.get(self.values.get("vence", "")),
            submitted_before=days_ago(whole_number(days)) if days else None,
            language=self.values.get("idioma"),
            unit_id=_id(self.values.get("unidad", "")),
            kind=self.values.get("asunto"),
            holder_id=_id(self.values.get("quien", "")),
        )

    @property
    def may_take(self) -> bool:
        """Whether something of it can be free."""
        return self.values.get("estado") not in ("held", "mine") and "quien" not in self.values

    def query(self, without: str = "", **more: str) -> str:
        """The query of its address, without one of the filters or with more to it."""
        shown_values = {name: value for name, value in self.values.items() if name != without}
        return urlencode(shown_values | ({"orden": self.sort} if self.sort != "priority" else {}) | more)

    def address(self) -> str:
        """Its page."""
        query = self.query()
        return f"{PAGE}?{query}" if query else PAGE

    def chosen(self, names: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """Each filter in words, with the query of the list without it. `names`: of the unit and the holder, by id."""
        services = load_services()
        found = []
        for name, value in self.values.items():
            if name == "servicio":
                words = str(services[value].name)
            else:
                words = gettext(TABLES[name][value]) if name in TABLES else names.get(value, "")
            found.append((gettext(LABELS[name]), words, self.query(without=name)))
        return found


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
