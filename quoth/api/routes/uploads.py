"""`/v1/uploads`: recordings that come in pieces, by tus 1.0 (https://tus.io)."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from quoth.api import tus
from quoth.api.errors import answer_quoth_error
from quoth.api.live import CLIENT_CLOSED_REQUEST
from quoth.api.owners import own_upload, owner_of
from quoth.api.service import Service
from quoth.api.turns import Turn, Turns, leaving_when_wanted, open_upload
from quoth.domain.errors import QuothError
from quoth.domain.upload_errors import UploadBusy
from quoth.domain.uploads import Upload
from quoth.ports.uploads import Uploads, UploadWriter

LOCKED = 423


class UploadState(BaseModel):
    """An upload as far as it has come."""

    id: str
    object: Literal["upload"] = "upload"
    filename: str | None
    size_bytes: int
    offset_bytes: int
    expires_at: int
    is_finished: bool


class TusRoute(APIRoute):
    """A route whose answers say which version of the protocol they are, errors included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with that."""
        handle = super().get_route_handler()

        async def handle_tus(request: Request) -> Response:
            try:
                response = await handle(request)
            except QuothError as error:
                response = answer_quoth_error(request, error)
            except ClientDisconnect:
                response = Response(status_code=CLIENT_CLOSED_REQUEST)
            response.headers["tus-resumable"] = response.headers["tus-version"] = tus.VERSION
            if response.status_code in {LOCKED, CLIENT_CLOSED_REQUEST}:
                response.headers["connection"] = "close"  # what may be left of its body is unread
            return response

        return handle_tus


class UploadRequests:
    """What requests about uploads do."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads
        self._turns = Turns()

    async def create(self, request: Request) -> Response:
        """Begin an upload; bytes in the body are its first ones."""
        tus.check_version(request.headers)
        stated = replace(tus.stated(request.headers), owner=owner_of(request))
        upload = await run_in_threadpool(self._uploads.create, stated)
        if tus.has_bytes(request.headers):
            try:
                upload = await self._receive(request, upload.id, 0)
            except ClientDisconnect:  # nobody will ever know its address
                await run_in_threadpool(self._uploads.remove, upload.id)
                raise
        folder = "" if request.scope["path"].endswith("/") else "uploads/"
        # Relative to where the request went, which a proxy may have put below a prefix of its own.
        headers = tus.state(upload) | {"location": f"{folder}{upload.id}"}
        return JSONResponse(_state(upload).model_dump(), 201, headers)

    async def append(self, request: Request, upload_id: str) -> Response:
        """Take the bytes that follow; those that came before a connection broke are kept."""
        tus.check_version(request.headers)
        upload = await self._receive(request, upload_id, tus.offset(request.headers))
        return Response(status_code=204, headers=tus.state(upload))

    async def get(self, request: Request, upload_id: str) -> UploadState:
        """Tell about an upload without disturbing who sends it."""
        return _state(await self._own(request, upload_id))

    async def head(self, request: Request, upload_id: str) -> Response:
        """Tell where to go on. It ends a request that is still sending to this upload."""
        upload = await self._own(request, upload_id)
        if not upload.is_finished:
            async with self._turns.take(upload_id):
                writer = await open_upload(self._uploads, upload_id)
                upload = await run_in_threadpool(writer.close)
        return Response(status_code=200, headers=tus.description(upload))

    async def remove(self, request: Request, upload_id: str) -> Response:
        """Remove an upload, finished or not."""
        tus.check_version(request.headers)
        await self._own(request, upload_id)
        async with self._turns.take(upload_id):
            await run_in_threadpool(self._uploads.remove, upload_id)
        return Response(status_code=204)

    async def override(self, request: Request, upload_id: str) -> Response:
        """Do what X-HTTP-Method-Override says, for clients behind what lets only POST through."""
        match request.headers.get("x-http-method-override", "").upper():
            case "PATCH":
                return await self.append(request, upload_id)
            case "DELETE":
                return await self.remove(request, upload_id)
        raise HTTPException(405)

    async def _own(self, request: Request, upload_id: str) -> Upload:
        return await run_in_threadpool(own_upload, self._uploads, owner_of(request), upload_id)

    async def _receive(self, request: Request, upload_id: str, offset_bytes: int) -> Upload:
        await self._own(request, upload_id)
        async with self._turns.take(upload_id) as turn:
            writer = await open_upload(self._uploads, upload_id, offset_bytes)
            try:
                async with leaving_when_wanted(turn, writer):
                    await _copy(request, turn, writer)
            except ClientDisconnect:
                if turn.leave.is_set():
                    raise UploadBusy(upload_id) from None
                raise
            finally:
                upload = await run_in_threadpool(writer.close)
        return upload


async def _copy(request: Request, turn: Turn, writer: UploadWriter) -> None:
    async for data in Request(request.scope, turn.receive(request.receive)).stream():
        if data:
            await run_in_threadpool(writer.write, data)


def _state(upload: Upload) -> UploadState:
    return UploadState(
        id=upload.id,
        filename=upload.stated.filename,
        size_bytes=upload.stated.size_bytes,
        offset_bytes=upload.offset_bytes,
        expires_at=int(upload.expires),
        is_finished=upload.is_finished,
    )


def router(service: Service) -> APIRouter:
    """Return the routes on a service."""
    routes = APIRouter(prefix="/v1/uploads", tags=["uploads"], route_class=TusRoute)
    requests = UploadRequests(service.uploads)
    limits = {
        "tus-extension": tus.EXTENSIONS,
        "tus-max-size": str(service.limits.max_upload_bytes),
    }

    async def options() -> Response:
        """Tell what of the protocol is spoken here."""
        return Response(status_code=204, headers=limits)

    for path in ("", "/"):
        routes.post(path, status_code=201, include_in_schema=not path)(requests.create)
        routes.options(path, status_code=204, include_in_schema=not path)(options)
    routes.options("/{upload_id}", status_code=204)(options)
    routes.head("/{upload_id}")(requests.head)
    routes.get("/{upload_id}")(requests.get)
    routes.patch("/{upload_id}", status_code=204)(requests.append)
    routes.delete("/{upload_id}", status_code=204)(requests.remove)
    routes.post("/{upload_id}", include_in_schema=False)(requests.override)
    return routes
