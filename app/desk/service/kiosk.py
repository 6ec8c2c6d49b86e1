"""What people do at a kiosk: check in with what they have at hand, or take a number."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.desk.problems import NoAppointmentHere
from app.desk.queries.kiosk import kiosk_services
from app.desk.service.arrivals import NewTicket, take_number
from app.desk.service.check_in import check_in
from app.desk.statements import STATEMENTS
from app.identity.service.attempts import counted_lookup
from app.kernel import clock, rate_limits
from app.kernel.actor import Anonymous, UnitDevice
from app.kernel.ids import parse_folio
from app.kernel.parsing import is_digits, plain_identifier
from app.kernel.problems import NotFound
from app.kernel.rate_limit_rules import Policy
from app.kernel.rate_limits import Counter
from app.registry.identifiers import CURP_LENGTH, NSS_LENGTH

UNKNOWN = Policy("kiosk-check-in", free=30, first_wait=5, longest_wait=300, leak=20)
"""Texts that lead to no appointment, by address: people mistype, programs guess."""
NUMBERS = Policy("kiosk-numbers", free=30, first_wait=5, longest_wait=60, leak=5)
"""Numbers that a kiosk gives, by kiosk: a crowd takes thirty at once and then twelve a minute; a program would fill the
queue."""
_APPOINTMENT = STATEMENTS.load("kiosk_appointment")


async def check_in_at_kiosk(session: AsyncSession, device: UnitDevice, caller: Anonymous, typed: str) -> NewTicket:
    """Check in with the folio of an appointment, or with the CURP or number of its person. A folio is secret enough to
    say where and when its appointment is; a CURP isn't, and leads to one of today at this unit or to nothing.

    Raises:
        NoAppointmentHere. TooManyRequests: too many texts from this address led to nothing. As `check_in`.
    """
    async with counted_lookup(UNKNOWN, caller):
        folio = await _folio_of(session, device, typed)
        try:
            return await check_in(session, device, device.unit_id, folio)
        except NotFound as error:
            raise NoAppointmentHere from error


async def _folio_of(session: AsyncSession, device: UnitDevice, typed: str) -> str:
    try:
        return parse_folio(typed)
    except ValueError:
        curp, nss = _identifiers(typed)
    given = {"curp": curp, "nss": nss, "unit_id": device.unit_id, "now": clock.now()}
    folio: str | None = await session.scalar(_APPOINTMENT, given)
    if folio is None:
        raise NoAppointmentHere
    return folio


def _identifiers(typed: str) -> tuple[str | None, str | None]:
    """A CURP, or a social-security number, as the registry has it.

    Raises:
        NoAppointmentHere: it is neither.
    """
    plain = plain_identifier(typed)
    if len(plain) == CURP_LENGTH:
        return plain, None
    if len(plain) == NSS_LENGTH and is_digits(plain):
        return None, plain
    raise NoAppointmentHere


async def take_number_at_kiosk(
    session: AsyncSession, device: UnitDevice, service: str, *, is_protected: bool
) -> NewTicket:
    """Give a number for one of the services that the kiosk offers, to someone unknown.

    Raises:
        NotFound: it isn't one of them. TooManyRequests: more numbers than people take.
    """
    if service not in await kiosk_services(session, device):
        raise NotFound
    await rate_limits.count_attempt([Counter(NUMBERS, str(device.id))])
    return await take_number(session, device, device.unit_id, service, is_protected=is_protected)
