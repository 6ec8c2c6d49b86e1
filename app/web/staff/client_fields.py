"""What the pages of clients and personal tokens share: the words of scopes, and the fields of a client."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.clients.rules import DEFAULT_PER_MINUTE, MAX_CONTACT, MAX_NAME, MAX_PER_MINUTE, ApiScope
from app.clients.service.clients import WRONG_RATE, Terms
from app.kernel.clock import local_day
from app.kernel.i18n import N_
from app.kernel.parsing import iso_date, one_line, whole_number
from app.kernel.problems import NotFound
from app.places.queries import unit_by_clues, units_by_id
from app.places.rules import DEFAULT_ZONE

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.clients.models import ApiClient
    from app.web.effects import EffectForm

MAX_UNITS = 100
SCOPE_NAMES: dict[str, str] = {
    ApiScope.METRICS: N_("Leer métricas y ahorros, también lo que no se publica"),
    ApiScope.EXPORTS: N_("Descargar las tablas completas"),
    ApiScope.APPOINTMENTS: N_("Leer las citas de un día, sin saber de quién son"),
    ApiScope.APPOINTMENT_PEOPLE: N_(
        "Ver de quién son esas citas: son datos personales y cada consulta queda registrada"
    ),
    ApiScope.TICKETS: N_("Leer las filas y los turnos de hoy, sin saber de quién son"),
}
FIELDS = ("name", "contact", "units", "per_minute", "expires_on")


async def typed_of(session: AsyncSession, client: ApiClient | None, form: EffectForm | None) -> dict[str, Any]:
    """What the fields show: what was typed, else the client as it is."""
    if form is not None:
        return {**form.values, "scopes": form.getlist("scopes")}
    if client is None:
        return {"scopes": [], "per_minute": str(DEFAULT_PER_MINUTE)}
    units = await units_by_id(session, client.unit_ids or ())
    return {
        "name": client.name,
        "contact": client.contact,
        "scopes": client.scopes,
        "all_units": "yes" if client.unit_ids is None else "",
        "units": " ".join(unit.clues for unit in units),
        "per_minute": str(client.per_minute),
        "expires_on": last_day(client.expires_at).isoformat() if client.expires_at else "",
    }


def last_day(expires_at: datetime) -> date:
    """The last day on which it is valid, in the centre of the country."""
    return local_day(expires_at - timedelta(seconds=1), DEFAULT_ZONE)


async def terms_of(session: AsyncSession, form: EffectForm) -> Terms | None:
    """The client that the fields describe; None when something is wrong, noted at its field."""
    name = form.parsed("name", one_line, N_("Escriba el nombre del sistema."))[:MAX_NAME]
    contact = form.parsed("contact", one_line, N_("Escriba el correo o el teléfono de quien lo atiende."))[:MAX_CONTACT]
    unit_ids = None if form.get("all_units") == "yes" else await _units(session, form)
    rate, expires_at = _rate(form), _end(form)
    if form.errors:
        return None
    return Terms(name, contact, frozenset(form.getlist("scopes")), unit_ids, rate, expires_at)


async def _units(session: AsyncSession, form: EffectForm) -> frozenset[Any]:
    keys = list(dict.fromkeys(form.get("units").replace(",", " ").split()))
    if not keys or len(keys) > MAX_UNITS:
        form.wrong("units", N_("Escriba la clave CLUES de cada unidad, hasta 100, o marque que lee lo de todas."))
        return frozenset()
    try:
        return frozenset([(await unit_by_clues(session, key)).id for key in keys])
    except NotFound:
        form.wrong("units", N_("No hay una unidad con una de esas claves: revise que sean como DFIMS000266."))
        return frozenset()


def _rate(form: EffectForm) -> int:
    try:
        return whole_number(form.get("per_minute"), low=1, high=MAX_PER_MINUTE)
    except ValueError:
        form.wrong("per_minute", WRONG_RATE)
        return 0


def _end(form: EffectForm) -> datetime | None:
    """The end of the last day, by the clock of the centre of the country."""
    typed = form.get("expires_on")
    if not typed:
        return None
    try:
        day = iso_date(typed)
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(DEFAULT_ZONE)).astimezone(UTC)
    except (ValueError, OverflowError):
        form.wrong("expires_on", N_("Escriba un día del calendario, o nada."))
        return None
