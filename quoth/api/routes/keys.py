"""`/v1/keys`, for admins: making, listing, changing and revoking keys."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from quoth.domain.keys import EVERYDAY, ApiKey, Quotas, Scope, Used
from quoth.use_cases.manage_keys import ManageKeys, NewKey
from quoth.use_cases.quotas import KeyQuotas

NOTHING_USED = Used()
Count = Annotated[int, Field(ge=0)]


class QuotasDocument(BaseModel):
    """How much a key may use; what is left out is not bounded."""

    model_config = ConfigDict(extra="forbid")

    audio_seconds_per_day: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    bytes_per_day: Count | None = None
    concurrent_jobs: Count | None = None


class KeyForm(BaseModel):
    """The key that is wanted."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="What it is for.")
    scopes: list[Scope] = Field(default_factory=lambda: sorted(EVERYDAY))
    expires_in: float | None = Field(None, gt=0, le=1e10, description="Seconds; else never.")
    quotas: QuotasDocument = Field(default_factory=QuotasDocument)


class UsedDocument(BaseModel):
    """What was sent in with a key since midnight, UTC."""

    audio_seconds: float
    bytes: int


class KeyDocument(BaseModel):
    """A key, without what opens anything. Times are seconds since the epoch."""

    id: str
    object: Literal["api_key"] = "api_key"
    name: str
    scopes: list[Scope]
    created_at: float
    expires_at: float | None
    quotas: QuotasDocument
    last_used_at: float | None = Field(description="Right to a minute.")
    used_today: UsedDocument


class NewKeyDocument(KeyDocument):
    """A key that was just made."""

    key: str = Field(description="Told this once: only a hash of it is kept.")


class KeyList(BaseModel):
    """All keys."""

    object: Literal["list"] = "list"
    data: list[KeyDocument]


def router(manage: ManageKeys, quotas: KeyQuotas) -> APIRouter:
    """Return the routes.

    Args:
        manage: the use case.
        quotas: tell what was used, and when.
    """
    routes = APIRouter(prefix="/v1/keys", tags=["keys"])

    @routes.get("")
    def find() -> KeyList:
        """List all keys."""
        last, today = quotas.last_uses(), quotas.used_today()
        documents = [
            _document(key, last.get(key.id), today.get(key.id, NOTHING_USED))
            for key in manage.find()
        ]
        return KeyList(data=documents)

    @routes.post("", status_code=201)
    def create(form: KeyForm) -> NewKeyDocument:
        """Make a key; it is shown in this answer and never again."""
        wanted = Quotas(**form.quotas.model_dump())
        return _new(manage.create(form.name, frozenset(form.scopes), form.expires_in, wanted))

    @routes.post("/{key_id}/rotate")
    def rotate(key_id: str) -> NewKeyDocument:
        """Give a key another secret; what belongs to it stays its own."""
        today = quotas.used_today()
        return _new(manage.rotate(key_id), today.get(key_id, NOTHING_USED))

    @routes.delete("/{key_id}", status_code=204)
    def revoke(key_id: str) -> None:
        """Take a key back, at once."""
        manage.revoke(key_id)

    return routes


def _document(key: ApiKey, last_used: float | None, used: Used) -> KeyDocument:
    return KeyDocument(
        id=key.id,
        name=key.name,
        scopes=sorted(key.scopes),
        created_at=key.created,
        expires_at=key.expires,
        last_used_at=last_used,
        used_today=UsedDocument(audio_seconds=used.audio_seconds, bytes=used.size_bytes),
        quotas=QuotasDocument(
            audio_seconds_per_day=key.quotas.audio_seconds_per_day,
            bytes_per_day=key.quotas.bytes_per_day,
            concurrent_jobs=key.quotas.concurrent_jobs,
        ),
    )


def _new(made: NewKey, used: Used = NOTHING_USED) -> NewKeyDocument:
    return NewKeyDocument(**_document(made.key, None, used).model_dump(), key=made.secret)
