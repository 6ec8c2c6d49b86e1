"""Other people's programs, unmodified, against a portal as it runs: they find, hold, book, move and cancel."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.appointment import Appointment
from fhirclient.models.fhirreference import FHIRReference
from fhirclient.models.parameters import Parameters, ParametersParameter
from fhirpy import SyncFHIRClient

from app.interop.fhir.capabilities import RESOURCES
from tests.interop.fhir.conftest import Scene
from tests.node import link_packages, run_node
from tests.portal import Portal, running
from tests.reuse import ReusedDatabase

SCRIPT = Path(__file__).with_name("medplum.mjs")


@pytest.fixture(scope="module")
def portal(own_database: ReusedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One for all tests here: each has people of its own."""
    with running(own_database.url, tmp_path_factory.mktemp("fhir") / "portal.log", jobs=False) as portal:
        yield portal


def token_of(scene: Scene) -> str:
    return scene.headers()["Authorization"].removeprefix("Bearer ")


def window(scene: Scene) -> dict[str, str]:
    """From before the first of the times until after the last."""
    first = scene.times[0] - timedelta(hours=1)
    return {"start": f"{first:%Y-%m-%dT%H:%M:%SZ}", "end": f"{first + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}"}


def test_fhirpy_finds_holds_books_moves_and_cancels(scene: Scene, portal: Portal) -> None:
    client = SyncFHIRClient(f"{portal.address}/fhir/r4", authorization=f"Bearer {token_of(scene)}")
    (schedule,) = client.resources("Schedule").search(actor=f"Location/{scene.unit.id}").fetch_all()
    slots = client.resources("Slot").search(schedule=schedule.to_reference(), status="free").limit(3).fetch_all()
    assert [one["id"] for one in slots] == [scene.slot(number) for number in range(4)]
    found = client.execute("Appointment/$find", method="get", params=window(scene))
    held = client.execute("Appointment/$hold", data=parameters(found["entry"][0]["resource"]["id"]))
    booked = client.execute("Appointment/$book", data=parameters(held["entry"][0]["resource"]["id"]))
    appointment = client.reference("Appointment", booked["entry"][0]["resource"]["id"]).to_resource()
    assert appointment["status"] == "booked"
    appointment["slot"] = [{"reference": f"Slot/{scene.slot(1)}"}]
    appointment.save()
    assert (appointment["meta"]["versionId"], appointment["slot"][0].reference) == ("2", f"Slot/{scene.slot(1)}")
    appointment["status"] = "cancelled"
    appointment.save()
    assert client.resources("Appointment").search(status="cancelled").count() == 1
    created, is_new = (
        client.resources("Appointment")
        .search(identifier="https://agenda.example/citas|1")
        .get_or_create(
            client.resource(
                "Appointment",
                status="booked",
                slot=[{"reference": f"Slot/{scene.slot(2)}"}],
                participant=[{"actor": {"reference": f"Patient/{scene.child.id}"}, "status": "accepted"}],
            )
        )
    )
    assert (is_new, created["status"]) == (True, "booked")


def parameters(id_: str) -> dict[str, Any]:
    reference = {"name": "appointment-reference", "valueReference": {"reference": f"Appointment/{id_}"}}
    return {"resourceType": "Parameters", "parameter": [reference]}


def test_the_smart_client_finds_holds_books_moves_and_cancels(scene: Scene, portal: Portal) -> None:
    auth = {"auth_type": "oauth2", "auth": {"access_token": token_of(scene)}}
    smart = FHIRClient(state={"app_id": "tests", "server": {"base_uri": f"{portal.address}/fhir/r4/"} | auth})
    server = smart.server
    assert server.capabilityStatement.fhirVersion == "4.0.1"
    server.from_state({"base_uri": f"{portal.address}/fhir/r4/"} | auth)  # the statement names no way to authorize
    bundle = server.request_json("Appointment/$find?" + "&".join(f"{k}={v}" for k, v in window(scene).items()))
    proposed = [Appointment(one["resource"]) for one in bundle["entry"]]

    def operate(name: str, id_: str) -> Appointment:
        reference = FHIRReference({"reference": f"Appointment/{id_}"})
        named = ParametersParameter({"name": "appointment-reference", "valueReference": reference.as_json()})
        body = Parameters({"parameter": [named.as_json()]})
        return Appointment(server.post_json(f"Appointment/${name}", body.as_json()).json()["entry"][0]["resource"])

    held = operate("hold", proposed[0].id)
    assert held.status == "pending"
    appointment = Appointment.read(operate("book", held.id).id, server)
    appointment.slot, appointment.start, appointment.end = proposed[1].slot, proposed[1].start, proposed[1].end
    moved = Appointment(appointment.update(server))
    assert (moved.slot[0].reference, moved.meta.versionId) == (f"Slot/{scene.slot(1)}", "2")
    moved.status = "cancelled"
    moved.update(server)
    (mine,) = Appointment.where({"status": "cancelled"}).perform_resources_iter(server)
    assert (mine.id, mine.status) == (moved.id, "cancelled")


def test_medplum_drives_it_and_every_resource_is_valid(scene: Scene, portal: Portal, tmp_path: Path) -> None:
    """One run of Node.js: it drives the portal, and validates what it got and what `walked` has."""
    resources = walked(scene, portal)
    link_packages(tmp_path)
    copy(SCRIPT, tmp_path)
    drive = {"base": f"{portal.address}/", "token": token_of(scene), **window(scene)}
    given = json.dumps({"portal": drive, "resources": [*resources, {"resourceType": "Slot", "status": "gratis"}]})
    done = json.loads(run_node(SCRIPT.name, folder=tmp_path, text=given))
    held = {"held": "pending", "booked": "booked", "moved": True, "cancelled": "cancelled", "found": True}
    assert done["seen"] == held
    kinds = {*RESOURCES, "Bundle", "CapabilityStatement", "OperationOutcome"}
    assert set(done["kinds"]) == kinds
    # The last one is wrong on purpose, so that a validator that validates nothing is noticed.
    assert [kind for kind, _issue in done["issues"]] == ["Slot"], done["issues"]


def walked(scene: Scene, portal: Portal) -> list[dict[str, Any]]:
    """What each kind of route answers, in each state that a resource has: bundles, resources and refusals."""
    base, headers = f"{portal.address}/fhir/r4", scene.headers()
    with httpx.Client(base_url=base, headers=headers) as http:
        booked = http.post("/Appointment/$book", json=parameters(scene.proposal(3, scene.child)))
        folio = booked.json()["entry"][0]["resource"]["id"]
        said = {
            "resourceType": "AppointmentResponse",
            "appointment": {"reference": f"Appointment/{folio}"},
            "participantStatus": "accepted",
        }
        paths = [
            "/metadata",
            f"/Location?identifier={scene.unit.clues}",
            f"/HealthcareService?location=Location/{scene.unit.id}&_include=HealthcareService:location",
            f"/Schedule?actor=Location/{scene.unit.id}&_include=Schedule:actor",
            f"/Slot?schedule.actor=Location/{scene.unit.id}&_include=Slot:schedule&colour=blue",
            f"/Slot/{scene.slot(3)}",
            "/Patient",
            f"/Appointment?_include=Appointment:actor&_include=Appointment:slot&patient=Patient/{scene.child.id}",
            f"/Appointment/{folio}",
            f"/AppointmentResponse?appointment=Appointment/{folio}&_include=AppointmentResponse:appointment",
            "/Appointment/$find?start=2026&end=soon",
            "/Slot/none",
            "/Slot",
        ]
        answers = [booked, http.post("/AppointmentResponse", json=said), *(http.get(path) for path in paths)]
        low = http.get("/Patient", headers={"Authorization": "Bearer nonsense"})
    return [one.json() for one in (*answers, low)]
