"""Aggregates the history at once so that charts have data, measures version 2 of the parameters in it, and releases its
months to the public."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.demo.history.days import year_before
from app.kernel import clock, consumer_runner, db
from app.kernel.actor import System
from app.kernel.i18n import N_
from app.places.rules import DEFAULT_ZONE
from app.savings.queries import versions
from app.savings.rules.parameters import joined
from app.savings.service import baselines, calibration, public_release, rollup

ACTOR = System("demo")
NOTE = N_("Cifras medidas en datos de demostración")
SOURCE = N_("Datos de demostración, inventados")
MEASURED = "measured"


async def catch_up_with_history(*, is_new: bool) -> None:
    """Process pending events, publish measured parameters and release closed periods. If interrupted, the next call
    continues.

    Once that is done, later events are left to the worker: startup needn't wait for them.
    """
    async with db.reading() as session:
        is_measured = not await _is_first(session)
    if is_measured and not is_new:
        return
    await consumer_runner.catch_up(rollup.NAME)
    async with db.transaction() as session:
        if await _is_first(session):
            await _measure(session)
        await public_release.release_due(session, clock.today(DEFAULT_ZONE))


async def _is_first(session: AsyncSession) -> bool:
    """Return whether version 1 is published and there is no other."""
    known = await versions.list_baselines(session)
    return [row.version for row in known] == [1] and known[0].published_at is not None


async def _measure(session: AsyncSession) -> None:
    since, until = year_before(clock.today(DEFAULT_ZONE))
    draft = await baselines.start_draft(session, ACTOR, NOTE)
    await calibration.measure(session, ACTOR, since, until)
    parameters = await versions.parameters_of(session, draft.version)
    named = [replace(f, source=joined(SOURCE, f.source)) if f.confidence == MEASURED else f for f in parameters]
    await baselines.replace_parameters(session, ACTOR, draft.version, named)
    await baselines.publish(session, ACTOR, draft.version)
