"""The OpenAPI document by rules that hold for every operation: what it says is what the application does."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator, FormatChecker

from app.api_document import headers, schemas
from app.api_document.info import TAGS
from app.clients.rules import ApiScope
from app.identity.dependencies import ASSISTANCE_HEADER
from app.identity.service.unit_devices import TOKEN_PREFIX
from app.identity.tokens import CITIZEN, STAFF, issue_access_token
from app.kernel import ids
from app.kernel.actor import Assurance, Role
from app.kernel.problems import all_problems
from app.main import create_app
from tests.clients.factories import hire, program
from tests.conftest import Database

Document = dict[str, Any]
WRONG_CALLER = {"unauthorized", "wrong-role", "scope-missing", "token-expired"}


@pytest.fixture(scope="module")
def document() -> Document:
    return create_app().openapi()


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def contents(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body with its media type: sent, and returned."""
    for _path, _method, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for kind, content in schemas.resolve(document, body).get("content", {}).items():
                yield f"{operation['operationId']} {kind}", content


def test_schemas_have_plain_names_and_are_theirs_alone(document: Document) -> None:
    names = list(document["components"]["schemas"])
    assert len(names) > 200
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)] == []
    titles = [one.get("title", name) for name, one in document["components"]["schemas"].items()]
    assert sorted(titles) == sorted(names)


def test_two_schemas_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        schemas.rename({"components": {"schemas": {"Body_a_b": {}, "ABForm": {}}}})


def test_every_tag_is_described(document: Document) -> None:
    used = {tag for _path, _method, operation in operations(document) for tag in operation["tags"]}
    assert used == set(TAGS) == {one["name"] for one in document["tags"]}


def test_every_body_has_a_valid_example(document: Document) -> None:
    without, wrong = [], []
    for where, content in contents(document):
        if where.endswith(("text/csv", "/octet-stream", "text/plain", "image/jpeg", "image/png", "image/webp")):
            continue
        if "pdf" in where or "parquet" in where or "calendar" in where:
            continue
        found = [content["example"]] if "example" in content else []
        found += [schemas.resolve(document, one)["value"] for one in content.get("examples", {}).values()]
        if not found:
            without.append(where)
        validator = Draft202012Validator(
            content["schema"] | {"components": document["components"]}, format_checker=FormatChecker()
        )
        wrong += [
            f"{where}: {'.'.join(map(str, error.absolute_path))} {error.message[:200]}"
            for one in found
            for error in validator.iter_errors(one)
        ]
    assert (without, wrong) == ([], [])


def test_files_are_binary_for_generators(document: Document) -> None:
    text = json.dumps(document)
    assert "contentMediaType" not in text
    form = schemas.resolve(document, {"$ref": "#/components/schemas/AttachDocumentForm"})
    assert form["properties"]["file"]["format"] == "binary"


def test_no_parameter_is_null(document: Document) -> None:
    found = [
        (operation["operationId"], one["name"])
        for _path, _method, operation in operations(document)
        for one in operation.get("parameters", ())
        if '"null"' in json.dumps(one["schema"])
    ]
    assert found == []


def test_every_problem_of_an_answer_has_its_code(document: Document) -> None:
    slugs = {kind.slug for kind in all_problems()}
    found = set()
    for where, content in contents(document):
        if where.endswith("problem+json"):
            for one in content["examples"].values():
                value = schemas.resolve(document, one)["value"]
                assert value["type"] == f"/problems/{value['code']}"
                found.add(value["code"])
    assert found <= slugs
    assert {"bad-request", "body-timeout", "precondition-required", "key-reused"} <= found


def test_implied_problems_are_declared_with_what_implies_them(document: Document) -> None:
    for path, method, operation in operations(document):
        where, answers = f"{method} {path}", operation["responses"]
        assert {"413", "422", "429", "500", "503"} <= answers.keys(), where
        assert ("400" in answers) or "requestBody" not in operation, where
        if operation["security"] and operation["operationId"] not in OWN_PROOF:
            assert {"401", "403"} <= answers.keys(), where
        names = headers.taken(operation)
        assert {"412", "428"} <= answers.keys() or "If-Match" not in names, where


@pytest.mark.parametrize("name", ["ETag", "Location", "Link", "Idempotency-Replayed", "Preference-Applied"])
def test_headers_of_answers_are_declared_somewhere(document: Document, name: str) -> None:
    declaring = [
        operation["operationId"]
        for _path, _method, operation in operations(document)
        if any(name in answer.get("headers", {}) for answer in operation["responses"].values())
    ]
    assert len(declaring) > 5


def plain_path(path: str) -> str:
    """The address with an id in each place."""
    return re.sub(r"\{[^}]*\}", "0192f0c4-7a51-7b6e-9d3a-3f2d8a6b1c55", path)


async def test_allow_names_the_methods_there_are(document: Document, client: httpx.AsyncClient) -> None:
    for path, methods in document["paths"].items():
        answer = await client.request("TRACE", plain_path(path))
        assert answer.status_code == 405, path
        allowed = set(answer.headers["Allow"].split(", ")) - {"OPTIONS"}
        wanted = {method.upper() for method in methods}
        assert wanted <= allowed, path
        assert ("HEAD" in allowed) == ("GET" in allowed), path
        for method in allowed - wanted - {"HEAD"}:  # of another route that matches this address too
            assert (await client.request(method, plain_path(path))).status_code != 405, path


@pytest.fixture
async def callers(db: Database, app: FastAPI, client: httpx.AsyncClient) -> dict[str, list[dict[str, str]]]:
    """The headers of callers, by the scheme of the document: several where any of them may be the one."""

    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    assistance = {ASSISTANCE_HEADER: str(ids.new_id())}
    staff = [await hire(db, role) for role in Role]
    made = await program(client, *ApiScope)
    return {
        CITIZEN: [bearer(issue_access_token(CITIZEN, staff[0], assurance=Assurance.FULL)[0])],
        STAFF: [bearer(issue_access_token(STAFF, one)[0]) | assistance for one in staff],
        "client": [await made.bearer()],
        "device": [bearer(TOKEN_PREFIX + "x" * 40)],
    }


async def test_security_is_what_routes_accept(
    document: Document, client: httpx.AsyncClient, callers: dict[str, list[dict[str, str]]]
) -> None:
    wrong = []
    for path, method, operation in operations(document):
        if not operation["security"]:
            continue
        accepted = {name for one in operation["security"] for name in one}
        is_public = {} in operation["security"]
        answer = await client.request(method, plain_path(path))
        if (answer.status_code == 401) == is_public and operation["operationId"] not in OWN_PROOF:
            wrong.append(f"{method} {path}: without a token {answer.status_code}")
        for kind, all_headers in callers.items():
            refused = [await is_refused(client, method, path, one) for one in all_headers]
            if all(refused) == (kind in accepted) and not (kind == "device" or operation["operationId"] in OWN_PROOF):
                wrong.append(f"{method} {path}: {kind}")
    assert wrong == []


OWN_PROOF = {"issue_client_token", "revoke_client_token", "metrics", "health_ready"}
"""Operations that look at credentials of their own."""


async def is_refused(client: httpx.AsyncClient, method: str, path: str, given: dict[str, str]) -> bool:
    """Whether a kind of caller is refused: not whether they may do this to that."""
    answer = await client.request(method, plain_path(path), headers=given)
    return answer.status_code in {401, 403} and answer.json()["code"] in WRONG_CALLER
