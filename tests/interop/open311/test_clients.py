"""Other people's programs, unmodified, against a portal as it runs.

`three` was written for Python 2 and imports `itertools.ifilter`, which Python 3 has as `filter`: it is given that name
while it is imported. Its own files stay as they are. Its XML needs lists of keys of Python 2, so it is driven in JSON.
"""

import itertools
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from georeport import GeoReport

from tests.interop.open311.conftest import WORDS
from tests.portal import Portal, running
from tests.requests.conftest import Scene
from tests.reuse import ReusedDatabase


@pytest.fixture(scope="module")
def portal(own_database: ReusedDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running(own_database.url, tmp_path_factory.mktemp("open311") / "portal.log", jobs=False) as portal:
        yield portal


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # of its escapes, when it is compiled
        return import_module("three")


def test_three_sends_and_follows_and_georeport_reads(scene: Scene, portal: Portal, three: Any) -> None:
    token = scene.citizen.headers["Authorization"].removeprefix("Bearer ")
    host = portal.address.removeprefix("http://")
    endpoint = f"http://api_key:{token}@{host}/open311/v2"
    city = three.Three(endpoint, api_key=token, discovery=f"{portal.address}/open311/discovery.json")
    assert city.discovery()["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    codes = [one["service_code"] for one in city.services()]
    assert codes == ["complaint", "suggestion", "thanks"]
    assert [one["code"] for one in city.services("suggestion")["attributes"]] == ["happened_on"]
    about = {"address_id": scene.unit.clues, "description": WORDS, "name": "Ana Pérez", "phone": "5555555555"}
    (made,) = city.post("suggestion", **about)
    folio = made["service_request_id"]
    assert city.post_response.status_code == 201
    assert city.request(folio)[0]["status"] == "open"
    assert city.token(folio) == [{"service_request_id": folio, "token": folio}]
    assert [one["service_request_id"] for one in city.requests("suggestion", count=10)] == [folio]
    (refused,) = city.post("pothole", **about)
    assert refused["code"] == 404

    for form in ("json", "xml"):
        report = GeoReport(endpoint, output_format=form)
        assert [one["service_code"] for one in report.get_service_list()] == codes
        assert report.get_service_definition("suggestion")["service_code"] == "suggestion"
        assert report.get_service_request(folio)["description"] == WORDS
        found = report.get_service_requests(status="open", service_code="suggestion")
        # Of one element it makes no list in XML.
        (own,) = found if isinstance(found, list) else [found]
        assert (own["service_request_id"], own["address_id"]) == (folio, scene.unit.clues)
