"""Every answer that a test gets from the application's API is held to the document: its status, its media type and its
headers are declared, and the headers that are declared as required are sent."""

import re
from typing import Any

import httpx

CHECKED = ("ETag", "Idempotency-Replayed", "Link", "Location", "Preference-Applied", "Retry-After", "WWW-Authenticate")
"""Headers that an answer has only where they are declared."""
PLACE = re.compile(r"\\\{[^}]*\\\}")
Document = dict[str, Any]


class Conformance:
    """Compares answers with a document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._plain: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for path in document["paths"]:
            if "{" in path:
                self._patterns.append((re.compile(PLACE.sub("[^/]+", re.escape(path))), path))
            else:
                self._plain[path] = path

    def issues(self, response: httpx.Response) -> list[str]:
        """What an answer has that isn't declared, or lacks of what is."""
        template = self._template(response.request.url.path)
        operation = self.document["paths"].get(template, {}).get(response.request.method.lower())
        if operation is None:
            return []
        where = f"{operation['operationId']} {response.status_code}"
        declared = operation["responses"].get(str(response.status_code))
        if declared is None:
            return [f"{where}: the status is not declared"]
        declared = self._resolve(declared)
        found = []
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind and kind not in declared.get("content", {}):
            found.append(f"{where}: {kind} is not declared")
        headers = {name.lower(): self._resolve(one) for name, one in declared.get("headers", {}).items()}
        found += [
            f"{where}: {name} is not declared"
            for name in CHECKED
            if name in response.headers and name.lower() not in headers
        ]
        found += [
            f"{where}: {name} is not sent"
            for name, one in headers.items()
            if one.get("required") and name not in response.headers
        ]
        sent = {name.lower() for name in response.request.headers}
        needed = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "header" and one["required"]]
        missing = [name for name in needed if name.lower() not in sent]
        if response.status_code < 400 and missing:
            found.append(f"{where}: done without {', '.join(missing)}, which are declared as required")
        return found

    def _template(self, path: str) -> str:
        if path in self._plain:
            return path
        return next((template for pattern, template in self._patterns if pattern.fullmatch(path)), "")

    def _resolve(self, one: Document) -> Document:
        while "$ref" in one:
            found: Any = self.document
            for part in one["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            one = found
        return one
