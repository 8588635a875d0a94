"""What browsers get in exchange for a key, to show where they cannot send it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from quoth.api.gate import caller_of
from quoth.auth.forwarding import values_of
from quoth.auth.routes import needs
from quoth.auth.tickets import (
    LONGEST_PATH,
    Tickets,
    cookie_of,
    is_for_tickets,
    session_secret,
)
from quoth.domain.access_errors import ScopeMissing
from quoth.domain.errors import InvalidParameter
from quoth.domain.keys import ApiKey


class TicketForm(BaseModel):
    """The ticket that is wanted."""

    path: str = Field(
        max_length=LONGEST_PATH,
        description="It is for, without host and query: `/v1/jobs/events`, `/v1/jobs/ID/events` "
        "or `/v1/realtime`.",
    )


class TicketDocument(BaseModel):
    """A ticket: good for one request, as `?ticket=`. Times are seconds since the epoch."""

    object: Literal["ticket"] = "ticket"
    ticket: str
    path: str
    expires_at: float


class SessionDocument(BaseModel):
    """A session: as `?session=ID` it lets the browser that began it play and save recordings."""

    object: Literal["session"] = "session"
    id: str
    expires_at: float


def key_of(request: Request) -> ApiKey:
    """Return the key of a request.

    Raises:
        InvalidParameter: if there is none: who needs no key needs nothing in its place.
    """
    key = caller_of(request.scope).key
    if key is None:
        problem = "is missing: this stands for a key, and who needs none needs nothing in its place"
        raise InvalidParameter("authorization", problem)
    return key


def not_stored(response: Response) -> None:
    """Let no cache keep an answer."""
    response.headers["cache-control"] = "no-store"


Key = Annotated[ApiKey, Depends(key_of)]


def router(tickets: Tickets) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1", tags=["keys"], dependencies=[Depends(not_stored)])

    @routes.post("/tickets", status_code=201)
    def give(form: TicketForm, key: Key) -> TicketDocument:
        """Give a ticket for one request within a minute, where no header can be sent.

        `EventSource` and `WebSocket` of browsers take it as `?ticket=`.
        """
        if not is_for_tickets(form.path):
            problem = "has to be one of events or of `/v1/realtime`: tickets are for these alone"
            raise InvalidParameter("path", problem)
        if missing := (needs("GET", form.path) or frozenset()) - key.scopes:
            raise ScopeMissing(", ".join(sorted(missing)))
        made = tickets.give(key, form.path)
        return TicketDocument(
            ticket=made.secret, path=made.ticket.opens, expires_at=made.ticket.expires
        )

    @routes.post("/session", status_code=201)
    def begin(request: Request, response: Response, key: Key) -> SessionDocument:
        """Begin a session, with which a browser plays and saves what the key may read.

        The answer sets a cookie for `GET` of audio and transcripts with `?session=ID`; it ends
        after hours, or with the key.
        """
        made = tickets.begin_session(key)
        seconds = max(1, int(made.ticket.expires - tickets.now()))
        _set_cookie(request, response, made.session, made.secret, seconds)
        return SessionDocument(id=made.session, expires_at=made.ticket.expires)

    @routes.delete("/session", status_code=204, dependencies=[Depends(key_of)])
    def end(session: str, request: Request, response: Response) -> None:
        """End a session and take its cookie back."""
        if (secret := session_secret(request.scope["headers"], session)) is not None:
            tickets.end_session(secret)
            _set_cookie(request, response, session, "", 0)

    return routes


def _set_cookie(
    request: Request, response: Response, session: str, secret: str, seconds: int
) -> None:
    response.set_cookie(
        cookie_of(session),
        secret,
        max_age=seconds,
        path=None,  # that of this address, wherever a proxy has put it
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def _is_https(request: Request) -> bool:
    """Whether the browser speaks https, if to a proxy: its page says so, or we know ourselves."""
    pages = values_of(request.scope["headers"], "origin")
    return request.url.scheme == "https" or any(page.startswith("https:") for page in pages)
