"""What counts as time spent: pure arithmetic over the steps of a visit."""

from datetime import datetime, timedelta

# A longer silence is somebody who went away, not somebody who reads: it isn't counted. The number is the method's own
# (docs/observation.md says why); a change of it changes what is measured, so it is no setting.
IDLE_LIMIT = timedelta(minutes=5)


def seconds_of(step_at: datetime | None, now: datetime) -> float:
    """The active seconds between the last step and this one; 0 when there was none, or the gap is idle."""
    if step_at is None:
        return 0.0
    gap = now - step_at
    return gap.total_seconds() if timedelta() < gap <= IDLE_LIMIT else 0.0


def credible_seconds(reported: float | None, step_at: datetime | None, now: datetime) -> float | None:
    """The active seconds that a client reports, at most those that passed on our clock since its last step.

    None when it reports none, or when there is no step to count from.
    """
    if reported is None or step_at is None:
        return None
    return min(reported, max((now - step_at).total_seconds(), 0.0))


def starts_again(step_at: datetime | None, now: datetime) -> bool:
    """Whether reading a page now is the beginning of something: the first of a visit, or the first after a silence."""
    return step_at is None or now - step_at > IDLE_LIMIT
