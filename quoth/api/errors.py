"""Errors as OpenAI's API words them: the one table from our errors to HTTP statuses."""

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from quoth.api.secret_paths import without_token
from quoth.api.security_headers import HEADERS, NOTHING
from quoth.domain.access_errors import (
    AdminOnly,
    KeyNotFound,
    KeyRequired,
    RateLimited,
    ScopeMissing,
)
from quoth.domain.edit_errors import NothingToRedo, NothingToUndo, StaleVersion, TranscriptGone
from quoth.domain.errors import (
    DecodingTooCostly,
    EngineDied,
    EngineError,
    EngineOutOfMemory,
    FileTooLarge,
    ForbiddenOrigin,
    InputError,
    InvalidParameter,
    OutOfDisk,
    QuothError,
    TooBusy,
    UnknownModel,
    UnreadableAudio,
)
from quoth.domain.job_errors import (
    DatabaseUnavailable,
    IdempotencyConflict,
    JobLost,
    JobNotFound,
    NothingKept,
    NoWorker,
    QueueFull,
    ShareNotFound,
    WrongJobState,
)
from quoth.domain.live_errors import (
    BadEvent,
    LiveSessionIdle,
    LiveSessionTooLong,
    LiveUnavailable,
    NothingToCommit,
    TooManyLiveSessions,
    TooManyOwnLiveSessions,
    UpgradeNeeded,
)
from quoth.domain.store_errors import StoreUnavailable
from quoth.domain.upload_errors import (
    LongerThanStated,
    TooManyUnfinishedUploads,
    TooManyUploads,
    UnsupportedProtocol,
    UploadBusy,
    UploadExpired,
    UploadNotFound,
    UploadUnfinished,
    WrongChecksum,
    WrongContentType,
    WrongOffset,
)
from quoth.use_cases.requests import RecognitionFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of error is answered."""

    status: int
    type: str
    code: str | None = None


ANSWERS: tuple[tuple[type[QuothError], Answer], ...] = (
    (KeyRequired, Answer(401, "authentication_error", "invalid_api_key")),
    (ScopeMissing, Answer(403, "permission_error", "scope_missing")),
    (AdminOnly, Answer(403, "permission_error", "admin_only")),
    (KeyNotFound, Answer(404, "invalid_request_error", "key_not_found")),
    (RateLimited, Answer(429, "rate_limit_error", "rate_limit_exceeded")),
    (ShareNotFound, Answer(404, "invalid_request_error", "share_not_found")),
    (JobNotFound, Answer(404, "invalid_request_error", "job_not_found")),
    (IdempotencyConflict, Answer(409, "invalid_request_error", "idempotency_conflict")),
    (WrongJobState, Answer(409, "invalid_request_error", "wrong_job_state")),
    (NothingKept, Answer(404, "invalid_request_error", "nothing_kept")),
    (JobLost, Answer(500, "server_error", "lost")),
    (QueueFull, Answer(503, "server_error", "queue_full")),
    (NoWorker, Answer(503, "server_error", "no_worker")),
    (DatabaseUnavailable, Answer(503, "server_error", "database_unavailable")),
    (StoreUnavailable, Answer(503, "server_error", "store_unavailable")),
    (StaleVersion, Answer(412, "invalid_request_error", "stale_version")),
    (NothingToUndo, Answer(409, "invalid_request_error", "nothing_to_undo")),
    (NothingToRedo, Answer(409, "invalid_request_error", "nothing_to_redo")),
    (TranscriptGone, Answer(404, "invalid_request_error", "nothing_kept")),
    (UnknownModel, Answer(404, "invalid_request_error", "model_not_found")),
    (FileTooLarge, Answer(413, "invalid_request_error", "file_too_large")),
    (UnreadableAudio, Answer(400, "invalid_request_error", "invalid_audio")),
    (DecodingTooCostly, Answer(400, "invalid_request_error", "invalid_audio")),
    (UploadExpired, Answer(410, "invalid_request_error", "upload_expired")),
    (UploadNotFound, Answer(404, "invalid_request_error", "upload_not_found")),
    (UploadUnfinished, Answer(409, "invalid_request_error", "upload_unfinished")),
    (WrongOffset, Answer(409, "invalid_request_error", "wrong_offset")),
    (LongerThanStated, Answer(413, "invalid_request_error", "file_too_large")),
    (WrongChecksum, Answer(460, "invalid_request_error", "wrong_checksum")),
    (UnsupportedProtocol, Answer(412, "invalid_request_error", "unsupported_protocol")),
    (WrongContentType, Answer(415, "invalid_request_error", "wrong_content_type")),
    (UploadBusy, Answer(423, "invalid_request_error", "upload_busy")),
    (NothingToCommit, Answer(400, "invalid_request_error", "input_audio_buffer_commit_empty")),
    (BadEvent, Answer(400, "invalid_request_error", "invalid_event")),
    (LiveSessionIdle, Answer(408, "invalid_request_error", "session_idle")),
    (LiveSessionTooLong, Answer(408, "invalid_request_error", "session_expired")),
    (TooManyLiveSessions, Answer(503, "server_error", "too_many_live_sessions")),
    (TooManyOwnLiveSessions, Answer(429, "rate_limit_error", "too_many_live_sessions")),
    (LiveUnavailable, Answer(501, "server_error", "live_unavailable")),
    (UpgradeNeeded, Answer(426, "invalid_request_error", "upgrade_required")),
    (InputError, Answer(400, "invalid_request_error", "invalid_value")),
    (ForbiddenOrigin, Answer(403, "invalid_request_error", "forbidden_origin")),
    (TooManyUnfinishedUploads, Answer(429, "rate_limit_error", "too_many_unfinished_uploads")),
    (TooManyUploads, Answer(503, "server_error", "too_many_uploads")),
    (TooBusy, Answer(503, "server_error", "too_busy")),
    (OutOfDisk, Answer(507, "server_error", "out_of_disk")),
    (EngineOutOfMemory, Answer(503, "server_error", "out_of_memory")),
    (EngineDied, Answer(500, "server_error", "engine_died")),
    (EngineError, Answer(500, "server_error", "engine_error")),
    (QuothError, Answer(500, "server_error")),
)
"""The first kind that fits decides."""


def error_body(
    message: str, kind: str, parameter: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """Return OpenAI's error body; clients want all four keys."""
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def code_of(error: QuothError) -> str:
    """Name an error for programs, as an answer would."""
    if isinstance(error, RecognitionFailed) and isinstance(error.__cause__, QuothError):
        error = error.__cause__
    answer = next(answer for kind, answer in ANSWERS if isinstance(error, kind))
    return answer.code or answer.type


def answer_quoth_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer an error of ours by the table; one that wraps another by what it wraps."""
    return answer_to(error)


def answer_to(error: Exception) -> JSONResponse:
    """Return the answer to any error: by the table, or that it is a bug."""
    if not isinstance(error, QuothError):
        log.error("a bug in the middle of an answer", exc_info=error)
        return answer_bug(None, error)
    if isinstance(error, RecognitionFailed) and isinstance(error.__cause__, QuothError):
        error = error.__cause__  # an answer without words is none: speakers alone are left out
    answer = next(answer for kind, answer in ANSWERS if isinstance(error, kind))
    if answer.status >= HTTP_SERVER_ERROR:
        log.error("%s: %s", type(error).__name__, error)
    wait = error.retry_after if isinstance(error, WAITED_FOR) else None
    headers = {} if wait is None else {"retry-after": str(wait)}
    if isinstance(error, KeyRequired):
        headers["www-authenticate"] = 'Bearer realm="quoth"'
    return JSONResponse({"error": worded(error)}, answer.status, headers)


def worded(error: QuothError) -> dict[str, Any]:
    """Return the object that says what went wrong, as an answer or an event has it."""
    answer = next(answer for kind, answer in ANSWERS if isinstance(error, kind))
    parameter = error.parameter if isinstance(error, InputError) else None
    body: dict[str, Any] = error_body(str(error), answer.type, parameter, answer.code)["error"]
    return body


WAITED_FOR = (
    TooBusy,
    QueueFull,
    RateLimited,
    TooManyLiveSessions,
    TooManyOwnLiveSessions,
    DatabaseUnavailable,
    StoreUnavailable,
)
"""Say after how many seconds it is worth asking again."""
HTTP_NO_CONTENT = 204
HTTP_SERVER_ERROR = 500
HTTP_ERRORS = {
    404: "There is nothing at this address. See /docs for what there is.",
    405: "This address does not take that method. See /docs for what it takes.",
}


def answer_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a body or a query that is not as it should be; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    first = error.errors()[0]
    problem = str(first["msg"])
    return answer_quoth_error(
        request,
        InvalidParameter(
            str(first["loc"][-1]), f"is not valid: {problem[:1].lower()}{problem[1:]}"
        ),
    )


def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer an error of the framework: an unknown address, a wrong method, a broken body."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == HTTP_NO_CONTENT:  # no error: what a route that streams cannot answer
        return Response(status_code=HTTP_NO_CONTENT)
    message = HTTP_ERRORS.get(error.status_code, str(error.detail))
    kind = "invalid_request_error" if error.status_code < HTTP_SERVER_ERROR else "server_error"
    log.debug("%s %s: %s", request.method, without_token(request.scope["path"]), message)
    return JSONResponse(error_body(message, kind), error.status_code, dict(error.headers or {}))


def answer_bug(_request: Request | None, _error: Exception) -> JSONResponse:
    """Answer an error nobody foresaw; the log has it with its traceback."""
    message = "Something went wrong in the server; its log says what."
    # It is answered outside all middleware.
    headers = {"x-request-id": new_request_id(), "content-security-policy": NOTHING, **HEADERS}
    return JSONResponse(error_body(message, "server_error"), HTTP_SERVER_ERROR, headers)


def new_request_id() -> str:
    """Return an id as OpenAI's clients show it in their errors."""
    return f"req_{uuid.uuid4().hex}"


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(QuothError, answer_quoth_error)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(HTTPException, answer_http_error)
    app.add_exception_handler(Exception, answer_bug)
