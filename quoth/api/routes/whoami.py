"""`GET /v1/whoami`: who the server takes a caller for, and why."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from quoth.api.gate import caller_of
from quoth.auth.origins import Verdict
from quoth.domain.keys import Scope


class WhoAmI(BaseModel):
    """Who a caller is."""

    is_let_in: bool
    needs_key: bool = Field(description="Whether a key is needed from where they are.")
    reason: str = Field(description="Why, in a sentence.")
    address: str | None = Field(description="Where they are, as far as the server knows.")
    owner: str | None = Field(description="Whose jobs they see.")
    key: str | None = Field(description="The name of the key they show.")
    scopes: list[Scope] = Field(description="What they may do.")


def router() -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["keys"])

    @routes.get("/v1/whoami")
    def whoami(request: Request, response: Response) -> WhoAmI:
        """Explain why a caller is or is not let in; anybody may ask."""
        caller = caller_of(request.scope)
        client = caller.judgement.client
        response.headers["cache-control"] = "no-store"
        return WhoAmI(
            is_let_in=caller.owner is not None,
            needs_key=caller.judgement.verdict is not Verdict.BYPASS,
            reason=caller.judgement.reason,
            address=None if client is None else str(client),
            owner=caller.owner,
            key=caller.key.name if caller.key else None,
            scopes=sorted(caller.scopes),
        )

    return routes
