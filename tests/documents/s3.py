"""An S3 of a bucket on a port of this machine, as far as keeping files needs it: path-style, signed requests only."""

import asyncio
import hashlib
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request, Response

BUCKET, REGION, ACCESS_KEY, SECRET_KEY = "expedientes", "mx-central-1", "llave", "secreto"
MODIFIED = "Wed, 25 Nov 2026 09:00:00 GMT"
ERROR = "<Error><Code>{}</Code><Message>no</Message></Error>"
DELETED = "<DeleteResult><Deleted><Key>{0}</Key></Deleted></DeleteResult>"
NOT_DELETED = "<DeleteResult><Error><Key>{0}</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"


@dataclass
class Bucket:
    """What it holds, what was asked of it, and whether it is in trouble."""

    address: str
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    trouble: int = 0
    keeps_for_good: bool = False

    def answer(self, request: Request, key: str, body: bytes) -> Response:
        self.asked.append(f"{request.method} {key}")
        scope = f"/{REGION}/s3/aws4_request"
        signed = request.headers.get("authorization", "")
        if not signed.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/") or scope not in signed:
            return refused(403, "AccessDenied")
        if self.trouble:
            return refused(self.trouble, "InternalError")
        if request.method == "PUT":
            self.objects[key] = body
            return Response(headers={"ETag": tag(body)})
        if request.method == "POST" and "delete" in request.query_params:
            return self.delete(re.findall("<Key>(.*?)</Key>", body.decode()))
        return self.read(request, key)

    def delete(self, keys: list[str]) -> Response:
        """The library deletes by lists, even of one; a refusal lies inside an answer of 200."""
        [key] = keys
        if self.keeps_for_good:
            return Response(NOT_DELETED.format(key), media_type="application/xml")
        self.objects.pop(key, None)
        return Response(DELETED.format(key), media_type="application/xml")

    def read(self, request: Request, key: str) -> Response:
        if key not in self.objects:
            return refused(404, "NoSuchKey")
        content = self.objects[key]
        headers = {"ETag": tag(content), "Last-Modified": MODIFIED, "Content-Length": str(len(content))}
        return Response(content if request.method == "GET" else b"", headers=headers)


def tag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def refused(status: int, code: str) -> Response:
    return Response(ERROR.format(code), status, media_type="application/xml")


def application(bucket: Bucket) -> FastAPI:
    app = FastAPI()

    @app.api_route(f"/{BUCKET}/{{key:path}}", methods=["GET", "HEAD", "PUT", "POST"])
    async def _object(request: Request, key: str) -> Response:
        return bucket.answer(request, key, await request.body())

    return app


@asynccontextmanager
async def s3() -> AsyncIterator[Bucket]:
    """The bucket, served for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        bucket = Bucket(f"http://127.0.0.1:{listening.getsockname()[1]}")
        async with serving(application(bucket), listening):
            yield bucket


@asynccontextmanager
async def serving(app: FastAPI, listening: socket.socket) -> AsyncIterator[None]:
    """A web server on that socket, in this process."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task
