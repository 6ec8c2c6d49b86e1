"""Simulated requests: drafted page by page, submitted or abandoned, decided automatically or by staff, and
follow-ups."""

from datetime import date, timedelta

from app.catalog.definition import Service
from app.catalog.loader import load_services
from app.demo.history.case import KEEPER, Case
from app.demo.history.days import weighted_sampler
from app.demo.history.decisions import conclude
from app.demo.history.desk import walk_in
from app.demo.history.log import after
from app.demo.history.plans import PLANS, REQUESTS_A_YEAR
from app.demo.history.population import Member
from app.demo.history.simulator import Simulator
from app.requests import events

FOLLOWED, FOLLOWED_IN_DAYS = 0.05, 6
REPEATED_IN_DAYS = 9
DISCARDED = 0.35
DRAFT_DAYS = 30
FIRST_STEP = 0.3
"""Of the time of a transaction goes to finding it and beginning; the rest is spread over its steps."""


def simulate_requests(simulator: Simulator) -> None:
    """Simulate all requests, with a growing share online."""
    known = [name for name in PLANS if name in load_services()]
    day, service = (
        simulator.days((0.65, 1.35)),
        weighted_sampler(simulator.rng, known, [PLANS[name].share for name in known]),
    )
    for _ in range(simulator.count(REQUESTS_A_YEAR)):
        _simulate_request(simulator, simulator.an_adult(), service(), day())


def _simulate_request(simulator: Simulator, person: Member, service: str, day: date) -> None:
    actor = simulator.visitor(person)
    case = Case(
        simulator, load_services()[service], PLANS[service], person, actor, simulator.at_home(person.clinic, day)
    )
    if not _fill_in(case):
        return
    is_approved = conclude(case)
    answers = simulator.survey(actor, case.plan.would_have_visited, is_pleased=is_approved is True)
    if answers is not None and is_approved is not None:
        case.at = after(case.at, seconds=simulator.rng.uniform(10, 60))
        case.step(events.FeedbackGiven, 6.0, **answers)
    if is_approved:
        _simulate_follow_up(case)


def _fill_in(case: Case) -> bool:
    """Simulate the person's steps up to submission; False if they abandon it."""
    simulator, acting_as = case.simulator, "self"
    pages, documents = [page.id for page in case.service.form.pages], _documents(case.service)
    steps = len(pages) + len(documents) + 1
    seconds = simulator.seconds(case.actor, case.plan.seconds)
    left_at = simulator.rng.randrange(steps) if simulator.chance(case.plan.left) else steps
    # Instant services have no draft: they start with submission.
    each = seconds * (1 - FIRST_STEP) / steps if steps > 1 else 0.0
    case.step(events.RequestStarted, seconds * FIRST_STEP if steps > 1 else seconds, acting_as=acting_as)
    for number, page in enumerate(pages):
        if number >= left_at:
            return _abandon(case)
        case.step(events.RequestSaved, each * simulator.rng.uniform(0.5, 1.5), page=page)
    for number, kind in enumerate(documents, start=len(pages)):
        if number >= left_at:
            return _abandon(case)
        document = {"document_id": simulator.log.id_at(case.at), "document_kind": kind}
        case.step(events.DocumentReceived, each * simulator.rng.uniform(0.5, 1.5), **document)
    if left_at < steps:
        return _abandon(case)
    due_on = case.due_on(case.service.target.working_days)
    case.step(events.RequestSubmitted, each, acting_as=acting_as, due_on=due_on)
    return True


def _documents(service: Service) -> list[str]:
    """Return the required kinds of documents."""
    return [document.kind for document in service.documents if document.required and not document.when]


def _abandon(case: Case) -> bool:
    """Simulate a discarded draft, or one deleted by the nightly job."""
    if case.simulator.chance(DISCARDED):
        case.step(events.RequestDiscarded, case.simulator.rng.uniform(3, 20))
    else:
        night = case.at + timedelta(days=DRAFT_DAYS + 1)
        case.at = night.replace(hour=3, minute=11, second=0, microsecond=0)
        case.append_event(KEEPER, events.RequestDiscarded)
    return False


def _simulate_follow_up(case: Case) -> None:
    """Simulate those who come in person anyway, and repeated look-ups."""
    simulator = case.simulator
    if simulator.chance(FOLLOWED):
        on_day = case.day + timedelta(days=simulator.rng.randint(1, FOLLOWED_IN_DAYS))
        walk_in(simulator, case.person, case.service.id, on_day)
    if simulator.chance(case.plan.repeated):
        again = case.day + timedelta(days=simulator.rng.randint(1, REPEATED_IN_DAYS))
        _simulate_request(simulator, case.person, case.service.id, again)
