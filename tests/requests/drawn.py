"""A program that draws, fills in and decides requests by the API's descriptions alone: it has no text of its own, and
knows no service. `typed` is what its user would type: their own numbers, and those of their family."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.requests import actors

LETTERS = "Una respuesta de prueba"
Json = dict[str, Any]


def holds(conditions: Mapping[str, list[Any]], answers: Mapping[str, Any]) -> bool:
    """As the guide of the API says: each question named has one of its values."""
    return all(
        any(type(one) is type(answers.get(name)) and one == answers.get(name) for one in values)
        for name, values in conditions.items()
    )


def questions(service: Json) -> list[Json]:
    return [question for page in service["pages"] for question in page["questions"]]


def asked(service: Json, answers: Mapping[str, Any]) -> list[str]:
    """The questions that these answers ask, in order; an answer to one that isn't asked counts for nothing."""
    every, known = questions(service), dict(answers)
    while void := [one["name"] for one in every if one["name"] in known and not holds(one["show_when"], known)]:
        for name in void:
            del known[name]
    return [one["name"] for one in every if holds(one["show_when"], known)]


def on_page(page: Json, name: str, answers: Mapping[str, Any]) -> bool:
    """Whether a page that can't change while it is filled in has a question: conditions on questions of the same page
    hide it with those only."""
    here = {one["name"]: one for one in page["questions"]}
    conditions = here[name]["show_when"]
    elsewhere = {other: values for other, values in conditions.items() if other not in here}
    return holds(elsewhere, answers) and all(on_page(page, one, answers) for one in conditions if one in here)


def needed(service: Json, answers: Mapping[str, Any]) -> set[str]:
    """Those of the questions asked that must be answered."""
    known = {name: answers[name] for name in asked(service, answers) if name in answers}
    return {
        one["name"]
        for one in questions(service)
        if one["name"] in asked(service, known)
        and (one["required"] or any(holds(when, known) for when in one["required_when"]))
    }


def texts(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text that people read, with where it stands: what changes with the language."""
    read = {"label", "hint", "mark", "text", "title", "intro", "name", "summary", "who_qualifies", "ground", "result"}
    read |= {"attestation", "feedback"}
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "name" and "widget" in part:  # of the answer, not of the question
                continue
            if isinstance(value, str) and (key in read or key.endswith("_text")):
                yield f"{path}.{key}", value
            elif key not in ("form", "choices"):
                yield from texts(value, f"{path}.{key}")
    if isinstance(part, list):
        for number, one in enumerate(part):
            yield from texts(one, f"{path}[{number}]")


@dataclass
class Program:
    """Someone's program."""

    citizen: actors.Citizen
    typed: Mapping[str, list[Any]] = field(default_factory=dict)
    language: str = "es"

    async def get(self, path: str, **more: str) -> Any:
        headers = self.citizen.headers | {"Accept-Language": self.language} | more
        answer = await self.citizen.client.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def candidates(self, service: Json, question: Json, folio: str) -> list[Any]:
        """What its user may answer, by how the question is described."""
        if question["options"]:
            return [option["value"] for option in question["options"]]
        if question["choices"]:
            href = re.sub(r"\{\?[^}]*\}", "?" + urlencode({"operating": "any"}), question["choices"]["href"])
            found = await self.get(href.replace("{folio}", folio))
            return [one[question["choices"]["value"]] for one in found]
        schema = service["form"]["properties"][question["name"]]
        known = self.typed.get(question["autocomplete"] or question["widget"], [])
        if schema["type"] == "number":
            return [*known, schema["minimum"], schema["maximum"]]
        return [*known, LETTERS[: question["max_length"]]]

    async def fill_in(self, service: Json, draft: Json) -> Json:
        """Answer page by page, each saved as it is left; what is refused is answered otherwise."""
        url, answers, tag = f"/api/v1/requests/{draft['folio']}", dict(draft["answers"]), f'"{draft["version"]}"'
        for page in service["pages"]:
            for question in page["questions"]:
                if question["name"] not in asked(service, answers) or question["name"] in answers:
                    continue
                for value in await self.candidates(service, question, draft["folio"]):
                    sent = await self.citizen.client.patch(
                        url,
                        json={"answers": {question["name"]: value}, "page": None},
                        headers=self.citizen.headers | {"If-Match": tag},
                    )
                    if sent.status_code == 200:
                        answers[question["name"]], tag = value, sent.headers["ETag"]
                        break
                    assert [one["field"] for one in sent.json()["fields"]] == [question["name"]], sent.text
        assert needed(service, answers) <= answers.keys(), (service["id"], answers)
        return answers

    async def file(self, service: Json) -> Json:
        """A request from its description to its submission; at once where the service is answered so."""
        body = {"service": service["id"]}
        started = await self.citizen.client.post("/api/v1/requests", json=body, headers=self.citizen.keyed())
        assert started.status_code == 201, started.text
        request: Json = started.json()
        if service["kind"] == "instant":
            return request
        await self.fill_in(service, request)
        request = await self.get(f"/api/v1/requests/{request['folio']}")
        documents = {one["kind"]: one for one in service["documents"]}
        for document in request["required_documents"]:
            assert document["name"] == documents[document["kind"]]["name"]
            assert "image/png" in documents[document["kind"]]["media_types"]
            attached = await self.citizen.attach(request["folio"], document["kind"])
            assert attached.status_code == 201, attached.text
        submitted = await self.citizen.submit(request["folio"])
        assert submitted.status_code == 200, submitted.text
        done: Json = submitted.json()
        return done


async def decide(officer: actors.Officer, folio: str) -> Json:
    """Decide as the request says that it may be: by the first decision and its first reason."""
    claimed = await officer.claim(folio)
    choice = claimed["decisions"][0]
    assert choice["reasons"] or not choice["needs_reason"]
    reasons = [one["code"] for one in choice["reasons"][:1]]
    message = choice["text"] if choice["needs_message"] else ""
    decided = await officer.decide(folio, choice["action"], *reasons, message=message)
    assert decided.status_code == 200, decided.text
    found: Json = decided.json()
    return found
