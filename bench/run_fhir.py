"""FHIR against the native routes in the same run: `Slot` search beside the free times of a day, and `$book` beside the
booking of a hold, in turns, with the same people, places and connections."""

import statistics
from collections.abc import Callable, Iterator
from itertools import islice

import uvloop

from app.appointments.slot_codes import SlotPlace
from app.interop.fhir.identifiers import Proposal, healthcare_service_id, proposal_id, schedule_id
from bench import dataset
from bench.harness import Result, cores, database_server, migrated, say, web_server
from bench.load import HttpRequest, drive
from bench.run_booking import request as native_book
from bench.run_search import times as native_times
from bench.write_benchmark import token_of

ROUNDS = 5
SECONDS = 4.0
CONNECTIONS = 24
MOST_A_SECOND = 1_500
PEOPLE = 80_000
TARGET = 0.6
Ask = Callable[[int], HttpRequest]


def book(n: int) -> HttpRequest:
    """The n-th person books the time that they hold, as IHE's operation."""
    place = SlotPlace(dataset.unit_id(n), dataset.room(n), dataset.start_at(n))
    reference = {"reference": f"Appointment/{proposal_id(Proposal(place, dataset.person_id(n)))}"}
    parameter = [{"name": "appointment-reference", "valueReference": reference}]
    body = {"resourceType": "Parameters", "parameter": parameter}
    return HttpRequest("POST", "/fhir/r4/Appointment/$book", token=token_of(n), body=body)


def slots(n: int) -> HttpRequest:
    """The free times of a day, by turns in the n-th person's room and at their unit."""
    schedule = schedule_id(dataset.unit_id(n), dataset.SERVICE, dataset.room(n))
    of_room = f"schedule=Schedule/{schedule}"
    of_unit = f"schedule.actor=HealthcareService/{healthcare_service_id(dataset.unit_id(n), dataset.SERVICE)}"
    day = dataset.first_day().date()
    path = f"/fhir/r4/Slot?{of_room if n % 2 else of_unit}&start={day}&status=free&_count=50"
    return HttpRequest("GET", path)


def _times(n: int) -> HttpRequest:
    """The free times of that day at the n-th person's unit."""
    return native_times(n - n % 20)


def compare(name: str, port: int, ours: Ask, native: Ask, statuses: set[int], numbers: Iterator[int]) -> float:
    """The ratio of the medians of the rates, in turns; a round before warms up."""
    rates: dict[str, list[float]] = {"fhir": [], "native": []}
    for number in range(ROUNDS + 1):
        for label, ask in (("fhir", ours), ("native", native)):
            asks = [ask(n) for n in islice(numbers, int(SECONDS * MOST_A_SECOND) if number else CONNECTIONS * 20)]
            load = uvloop.run(drive(port, iter(asks), connections=CONNECTIONS, seconds=SECONDS))
            if set(load.statuses) - statuses:
                raise RuntimeError(f"{name}, {label}: {dict(load.statuses)} {load.first_fault!r}")
            if number:
                rates[label].append(load.rate)
    medians = {label: statistics.median(found) for label, found in rates.items()}
    ratio = medians["fhir"] / medians["native"]
    say(f"{name}: {medians['fhir']:.0f}/s over FHIR, {medians['native']:.0f}/s natively, ratio {ratio:.3f}")
    return ratio


def run() -> Result:
    """Both at least 0.6 of the native rate."""
    with database_server() as server:
        url = migrated(server)
        dataset.populate(url, PEOPLE)
        dataset.add_idempotency_keys(url, PEOPLE)
        dataset.analyze(url)
        with web_server(url, workers=cores()) as web:
            search = compare("Slot search", web.port, slots, _times, {200}, iter(range(PEOPLE)))
            dataset.hold_all(url, PEOPLE)
            dataset.analyze(url)
            booking = compare("$book", web.port, book, native_book, {200, 201}, iter(range(PEOPLE)))
    return Result("fhir", min(search, booking), TARGET)
