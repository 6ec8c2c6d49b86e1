"""A call of an operation as a line for a terminal."""

import json
import shlex

from app.web.reference.document import Member, Operation


def curl_of(operation: Operation, base: str) -> str:
    """Return a call with everything that is required, with examples to be replaced."""
    required = [one for one in operation.parameters if one.is_required]
    query = "&".join(f"{one.name}={_sample(one)}" for one in required if one.place == "query")
    path = operation.path
    for one in required:
        if one.place == "path":
            path = path.replace(f"{{{one.name}}}", _sample(one))
    lines = [f"curl {shlex.quote(base.rstrip('/') + path + (f'?{query}' if query else ''))}"]
    if operation.method not in ("GET", "POST") or (operation.method == "POST" and not operation.bodies):
        lines[0] = f"{lines[0]} -X {operation.method}"
    if operation.security:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    lines += [f"-H {shlex.quote(f'{one.name}: {_sample(one)}')}" for one in required if one.place == "header"]
    for body in operation.bodies[:1]:
        if body.members:
            flag = "-F" if body.media.startswith("multipart/") else "--data-urlencode"
            lines += [f"{flag} {shlex.quote(_field(one))}" for one in body.members if one.is_required]
        elif body.media.endswith("json"):
            lines += [f"-H {shlex.quote(f'Content-Type: {body.media}')}", f"-d {shlex.quote(_compact(body.example))}"]
        else:
            lines += [f"-H {shlex.quote(f'Content-Type: {body.media}')}", "--data-binary @FILE"]
    return " \\\n     ".join(lines)


def _sample(member: Member) -> str:
    return member.example or next(iter(member.values), f"<{member.name}>")


def _field(member: Member) -> str:
    return f"{member.name}=@FILE" if member.is_file else f"{member.name}={_sample(member)}"


def _compact(example: str) -> str:
    return json.dumps(json.loads(example), ensure_ascii=False)
