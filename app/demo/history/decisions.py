"""Simulated outcomes of requests: automatic or by staff after days; with information requests, visits and appeals."""

from datetime import date, datetime, timedelta

from app.demo.history.case import KEEPER, RULES, Case
from app.kernel.actor import Actor
from app.requests import events
from app.requests.rules import clock as legal

TAKES, TAKES_SPREAD = 0.5, 0.55
"""Median processing time as a share of the service's target; about one in ten is late."""
ASKED, ANSWERED, ANSWERED_IN_DAYS = 0.15, 0.82, 6
WITHDRAWN = 0.035
APPEALED, APPEAL_GRANTED, APPEAL_DAYS = 0.08, 0.35, 8
LEASE = timedelta(minutes=15)


def conclude(case: Case) -> bool | None:
    """Simulate from submission to the end; returns whether it was approved, None if nothing was decided."""
    if case.simulator.chance(case.plan.referred):
        case.append_event(RULES, events.RequestReferred, role="officer")
        return _by_people(case)
    is_refused = case.simulator.chance(case.plan.refused)
    _decide(case, RULES, is_refused)
    return _after_refusal(case) if is_refused else True


def _by_people(case: Case) -> bool | None:
    simulator = case.simulator
    if simulator.chance(WITHDRAWN):
        case.at = _office(case, 1 + simulator.rng.randrange(3))
        case.step(events.RequestWithdrawn, simulator.about(25))
        return None
    target = max(1, case.service.target.working_days)
    days = round(simulator.about(target * TAKES, TAKES_SPREAD))
    if simulator.chance(ASKED) and not _ask_for_more(case, max(1, days // 2)):
        return None
    if case.service.visit is not None:
        days = _visit(case)
    case.at = _office(case, days)
    case.append_event(simulator.officer(), events.WorkClaimed, lease_until=case.at + LEASE)
    case.at += timedelta(seconds=round(simulator.about(240)))
    is_refused = simulator.chance(case.plan.refused)
    _decide(case, simulator.officer(), is_refused)
    return _after_refusal(case) if is_refused else True


def _office(case: Case, working_days: int) -> datetime:
    """Return an office hour that number of working days later; the same day only if it isn't over."""
    on_day: date = legal.add_working_days(case.day, working_days, case.simulator.span.rest)
    at = case.simulator.at_the_office(case.person.clinic, on_day)
    if at > case.at:
        return at
    return case.simulator.at_the_office(case.person.clinic, on_day + timedelta(days=1))


def _decide(case: Case, actor: Actor, is_refused: bool) -> None:
    outcome = "refused" if is_refused else "approved"
    reasons = [reason.code for reason in case.service.decision.reasons if reason.outcome == outcome]
    if actor is RULES:
        rules = [check.rule for check in case.service.eligibility if check.otherwise == "refuse"]
        reasons = (rules or reasons) if is_refused else []
    # The first reason is the most frequent one.
    chosen = [case.simulator.rng.choice((*reasons, reasons[0]))] if reasons else []
    case.append_event(actor, events.RequestDecided, outcome=outcome, reasons=chosen, straight_through=actor is RULES)


def _ask_for_more(case: Case, days: int) -> bool:
    """Simulate a request for information, mostly answered; False if the deadline passed."""
    case.at = _office(case, days)
    answer_by = case.due_on(case.service.target.answer_days)
    case.append_event(case.simulator.officer(), events.InformationRequested, answer_by=answer_by)
    if case.simulator.chance(ANSWERED):
        day = case.day + timedelta(days=case.simulator.rng.randint(1, ANSWERED_IN_DAYS))
        case.at = case.simulator.at_home(case.person.clinic, day)
        due_on = case.due_on(max(1, case.service.target.working_days - days))
        case.step(events.RequestAnswered, case.simulator.about(110), due_on=due_on)
        return True
    case.at = case.simulator.at(case.person.clinic, answer_by + timedelta(days=1), 2)
    case.append_event(KEEPER, events.RequestLapsed)
    return False


def _visit(case: Case) -> int:
    """Simulate an appointment at the window; returns the days that the decision takes afterwards."""
    case.at = _office(case, 2)
    folio = case.simulator.folio("C")
    answer_by = case.due_on(case.service.target.answer_days)
    case.append_event(case.simulator.officer(), events.VisitInvited, appointment_folio=folio, answer_by=answer_by)
    case.at = _office(case, case.simulator.rng.randint(2, 7))
    due_on = case.due_on(case.service.target.working_days)
    case.append_event(case.simulator.receptionist(), events.VisitAttended, due_on=due_on, other_day=False)
    return case.simulator.rng.randint(0, 4)


def _after_refusal(case: Case) -> bool:
    """Simulate appeals of a few, decided by a supervisor. Returns whether it was approved in the end."""
    simulator = case.simulator
    if case.service.appeal is None or not simulator.chance(APPEALED):
        return False
    case.at = simulator.at_home(case.person.clinic, case.day + timedelta(days=simulator.rng.randint(1, 12)))
    due_on = case.due_on(max(1, case.service.target.working_days))
    case.step(events.RequestAppealed, simulator.about(160), due_on=due_on)
    case.at = _office(case, simulator.rng.randint(1, APPEAL_DAYS))
    is_refused = not simulator.chance(APPEAL_GRANTED)
    _decide(case, simulator.supervisor(), is_refused)
    return not is_refused
