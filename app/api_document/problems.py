"""Responses that are problems: shared ones and every problem's example are components."""

from typing import Any

from app.api_document.headers import of_problems, of_refused_scope, references, sent
from app.api_document.security import OWN
from app.kernel.http.openapi import PROBLEM_SCHEMA, problem_responses
from app.kernel.problems import (
    BadRequest,
    BodyTimeout,
    Forbidden,
    Invalid,
    KeyReused,
    PreconditionRequired,
    Problem,
    Stale,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unexpected,
)

Operation = dict[str, Any]
MEDIA_TYPE = "application/problem+json"
ANY_ROUTE: tuple[type[Problem], ...] = (Invalid, TooManyRequests, TooLarge, Unexpected, Unavailable)


def implied(operation: Operation) -> list[type[Problem]]:
    """The problems that follow from what an operation takes."""
    kinds = list(ANY_ROUTE)
    names = {one["name"] for one in operation.get("parameters", ())}
    if "requestBody" in operation:
        kinds += [BadRequest, BodyTimeout]
    if "If-Match" in names:
        kinds += [Stale, PreconditionRequired]
    if "Idempotency-Key" in names:
        kinds.append(KeyReused)
    if operation["security"]:
        kinds.append(Forbidden)
        if operation["operationId"] not in OWN:  # a token that is no longer valid is refused, needed or not
            kinds.append(Unauthorized)
    return kinds


def add_implied(operation: Operation) -> None:
    """Add the problems that a route need not name: beside others of its own with the same status."""
    answers = operation["responses"]
    if MEDIA_TYPE not in answers.get("422", {}).get("content", {MEDIA_TYPE: {}}):
        del answers["422"]  # the framework's own
    for status, answer in problem_responses(*implied(operation)).items():
        there = answers.setdefault(str(status), answer)
        if there is not answer and MEDIA_TYPE in there["content"] and status not in (401, 403):
            examples = there["content"][MEDIA_TYPE]["examples"]
            also = answer["content"][MEDIA_TYPE]["examples"]
            missing = {slug: one for slug, one in also.items() if slug not in examples}
            if missing:
                examples |= missing
                there["description"] = f"{there['description']} / {answer['description']}"


class Components:
    """Collects shared responses and examples while operations are completed."""

    def __init__(self) -> None:
        self.examples: dict[str, Any] = {}
        self.responses: dict[str, Any] = {}
        self.schemas: dict[str, Any] = {"Problem": PROBLEM_SCHEMA}

    def share(self, operation: Operation) -> None:
        """Replace the examples of problems, and responses that are one problem, by references."""
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get(MEDIA_TYPE)
            if content is None or status < "400":
                continue
            answer["headers"] = references(*sent(operation, status, {}, []))
            slugs = list(content["examples"])
            own = (of_refused_scope(operation) if status == "403" else {}) | of_problems(slugs, answer["headers"])
            answer["headers"] |= own
            for slug, example in content["examples"].items():
                self.examples[name_of(slug)] = {"summary": example["value"]["title"], **example}
            content["examples"] = {slug: {"$ref": f"#/components/examples/{name_of(slug)}"} for slug in slugs}
            if len(slugs) == 1 and len(answer["content"]) == 1 and not own:
                name = name_of(slugs[0])
                self.responses[name] = answer
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}


def name_of(slug: str) -> str:
    """The name of a problem among the components."""
    return "".join(part.capitalize() for part in slug.split("-"))
