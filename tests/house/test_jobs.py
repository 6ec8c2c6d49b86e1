"""Every task has a lane of its own kind; whatever deletes or expires by time is a sweep, which no wrong clock runs."""

from app.commands.run import import_jobs
from app.kernel.jobs import CLEANUPS, LANES, jobs

ONLY_ADDS_OR_MOVES = {
    "kernel.partitions": "makes partitions",
    "kernel.stalled-jobs": "by the database's clock alone",
    "appointments.generate-slots": "makes seats that aren't there",
    "requests.release-expired": "a request goes back to its queue, and is claimed again",
    "requests.escalate": "puts a request on a list",
    "requests.remind": "records what is left open, once; it ends nothing",
    "notifications.yearly-statements": "records that a year is over, once a person; ahead, in no other month",
    "notifications.enqueue-reminders": "adds rows; what isn't due by the clock that sends is dropped there",
    "notifications.read-bounces": "records what is reported; of mails, deletes those it has read",
    "webhooks.enqueue-due": "adds jobs, which send what is due by then",
    "savings.read-access": "reads",
    "savings.release": "writes what the public sees of a month, once",
}


def test_every_task_has_a_lane() -> None:
    import_jobs()
    lost = {name for name, task in jobs.tasks.items() if task.queue not in set(LANES)}
    assert {name for name in lost if "builtin_tasks" not in name} == set()


def test_scheduled_work_that_is_no_sweep_deletes_nothing() -> None:
    """A new one is a `cleanup`, or says here why a clock that is days ahead does no harm to it."""
    import_jobs()
    scheduled = {task.task.name for task in jobs.periodic_registry.periodic_tasks.values()}
    assert {name for name in scheduled if not name.startswith("test.")} - CLEANUPS == set(ONLY_ADDS_OR_MOVES)
