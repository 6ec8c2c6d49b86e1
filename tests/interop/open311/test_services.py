"""What anyone may read: discovery, the services, their attributes; in both forms and languages."""

import httpx

from app.catalog.loader import get_service
from app.interop.open311 import catalogue
from app.kernel.settings import get_settings
from tests.interop.open311.conftest import BASE, errors, tree


async def test_the_services_are_the_kinds_of_complaint_in_both_forms(client: httpx.AsyncClient) -> None:
    english = {"Accept-Language": "en"}
    answer = await client.get(f"{BASE}/services.json", headers=english)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    services = answer.json()
    assert [one["service_code"] for one in services] == ["complaint", "suggestion", "thanks"]
    assert services[0] | {"description": ""} == {
        "service_code": "complaint",
        "service_name": "Complaint",
        "description": "",
        "metadata": True,
        "type": "realtime",
        "keywords": "Complaint, suggestion or thanks",
        "group": "Complaints and suggestions",
    }
    root = tree(await client.get(f"{BASE}/services.xml", headers=english))
    assert root.tag == "services"
    as_xml = [{child.tag: child.text for child in one} for one in root.iter("service")]
    assert as_xml == [one | {"metadata": "true"} for one in services]


async def test_a_definition_has_the_rest_of_the_form(client: httpx.AsyncClient) -> None:
    made = (await client.get(f"{BASE}/services/suggestion.json")).json()
    assert made["service_code"] == "suggestion"
    (attribute,) = made["attributes"]
    label = "¿Qué día pasó? (si lo recuerda)"
    assert attribute == {
        "variable": True,
        "code": "happened_on",
        "datatype": "datetime",
        "required": False,
        "datatype_description": None,
        "order": 1,
        "description": label,
    }
    root = tree(await client.get(f"{BASE}/services/suggestion.xml"))
    assert root.find("attributes/attribute/description").text == label  # type: ignore[union-attr] # it is there


def test_every_question_of_the_service_has_a_place_in_open311() -> None:
    form = get_service(catalogue.SERVICE).form
    given = {catalogue.ABOUT, catalogue.UNIT, catalogue.STORY}
    assert given <= set(form.fields)
    attributes = {one["code"] for one in catalogue.definition("complaint")["attributes"]}
    assert attributes | given == set(form.fields)


async def test_discovery_names_the_endpoint(client: httpx.AsyncClient) -> None:
    made = (await client.get("/open311/discovery.json")).json()
    (endpoint,) = made["endpoints"]
    assert endpoint["url"] == get_settings().base_url + BASE
    assert endpoint["specification"].endswith("GeoReport_v2")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    root = tree(await client.get("/open311/discovery.xml"))
    assert [one.text for one in root.iter("format")] == endpoint["formats"]


async def test_refusals_have_the_shape_of_the_standard(client: httpx.AsyncClient) -> None:
    unknown = await client.get(f"{BASE}/services/pothole.json")
    assert unknown.status_code == 404
    assert errors(unknown) == ["Ese service_code no existe. Vea los que hay en services."]
    elsewhere = await client.get(f"{BASE}/services.json", params={"jurisdiction_id": "elsewhere.example"})
    assert (elsewhere.status_code, len(errors(elsewhere))) == (404, 1)
    refused = await client.get(f"{BASE}/requests.xml")
    assert refused.status_code == 403
    root = tree(refused)
    assert (root.tag, root.findtext("error/code")) == ("errors", "403")
    assert "api_key" in (root.findtext("error/description") or "")
    assert (await client.get(f"{BASE}/services.yaml")).status_code == 400
