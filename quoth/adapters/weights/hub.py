"""What a repository on the Hugging Face hub has at a revision, as the hub itself says it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import httpx2
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from quoth.adapters.weights.download import BUSY, LONGEST_WAIT, Patience, Refused, RemoteFile
from quoth.domain.catalogue import HubSource, Model
from quoth.domain.model_errors import (
    CorruptDownload,
    GatedModel,
    ModelError,
    NotOnServer,
    ServerRefused,
    TokenRefused,
    Unreachable,
)

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

TIMEOUT = 30.0
"""Seconds for an answer about a repository."""
TRIES = 3
"""For a question; whether there is a network at all should be known soon."""
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = 401, 403, 404


_NO_ANSWER = (httpx2.RequestError, httpx2.InvalidURL, ValueError, KeyError, TypeError)
"""No connection, or an answer that is none of the hub's: a login page, another service."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository at one commit: the wanted files, each with a hash the hub vouches for."""

    revision: str
    files: tuple[RemoteFile, ...]


class Hub:
    """Asks the hub, with the token of `HF_TOKEN` or `hf auth login` if there is one.

    Args:
        endpoint: another hub or a mirror; None takes `HF_ENDPOINT`, else huggingface.co.
        patience: with a hub that is busy or gone.
    """

    def __init__(self, endpoint: str | None = None, patience: Patience | None = None) -> None:
        self._endpoint = endpoint
        self._patience = patience or Patience()

    def snapshot(self, model: Model, source: HubSource) -> Snapshot:
        """Resolve a source: its pinned revision, else what `main` is now.

        Raises:
            ModelError: if the hub cannot be reached, refuses, or lacks a file.
        """
        info = self._info(model, source)
        revision = info.sha or ""
        pin = source.revision
        if not revision or (pin and pin.value != revision):
            raise CorruptDownload(source.repository, f"the hub says its revision is {revision!r}")
        chosen = _choose(source, info.siblings or [])
        return Snapshot(
            revision, tuple(self._remote(source, revision, sibling) for sibling in chosen)
        )

    def explain(self, model: Model, source: HubSource, refused: Refused) -> ModelError:
        """Return the error for a file the hub does not give."""
        if refused.message == "Invalid credentials in Authorization header":
            return TokenRefused()
        if refused.status in {UNAUTHORIZED, FORBIDDEN}:
            if refused.code == "GatedRepo" or source.is_gated:
                return GatedModel(model.name, source.page, has_token=self._token is not None)
            return TokenRefused() if self._token else NotOnServer(source.page)
        if refused.status == NOT_FOUND:
            return NotOnServer(source.page)
        return ServerRefused(source.page, refused.status)

    @property
    def _token(self) -> str | None:
        from huggingface_hub import get_token  # noqa: PLC0415 - half a second

        return get_token()

    def _info(self, model: Model, source: HubSource) -> "ModelInfo":
        from huggingface_hub import HfApi  # noqa: PLC0415 - half a second
        from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled  # noqa: PLC0415

        api = HfApi(endpoint=self._endpoint, library_name="quoth")
        revision = source.revision.value if source.revision else "main"
        try:
            return self._retrying(
                api.model_info,
                source.repository,
                revision=revision,
                files_metadata=True,
                timeout=TIMEOUT,
            )
        except OfflineModeIsEnabled as error:
            raise Unreachable(api.endpoint, "HF_HUB_OFFLINE is set; unset it") from error
        except HfHubHTTPError as error:
            headers = error.response.headers
            refused = Refused(
                error.response.status_code,
                headers.get("X-Error-Code", ""),
                headers.get("X-Error-Message", ""),
            )
            raise self.explain(model, source, refused) from error
        except _NO_ANSWER as error:
            raise Unreachable(api.endpoint, str(error) or type(error).__name__) from error

    @property
    def _retrying(self) -> Retrying:
        return Retrying(
            stop=stop_after_attempt(min(TRIES, self._patience.tries)),
            wait=wait_exponential(multiplier=self._patience.first_wait, max=LONGEST_WAIT),
            retry=retry_if_exception(_is_transient),
            reraise=True,
        )

    def _remote(self, source: HubSource, revision: str, sibling: "RepoSibling") -> RemoteFile:
        from huggingface_hub import hf_hub_url  # noqa: PLC0415 - half a second

        name = sibling.rfilename
        sha256 = sibling.lfs.sha256 if sibling.lfs else None
        if sibling.size is None or not (sha256 or sibling.blob_id):
            raise CorruptDownload(f"{source.repository}/{name}", "the hub tells no size or hash")
        token = self._token
        return RemoteFile(
            str(PurePosixPath(source.folder) / name),
            hf_hub_url(source.repository, name, revision=revision, endpoint=self._endpoint),
            sibling.size,
            sha256,
            None if sha256 else sibling.blob_id,
            {"Authorization": f"Bearer {token}"} if token else {},
        )


def _is_transient(error: BaseException) -> bool:
    from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415 - half a second

    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in BUSY
    return isinstance(error, httpx2.RequestError)


def _choose(source: HubSource, siblings: Iterable["RepoSibling"]) -> "Sequence[RepoSibling]":
    """Return the files that match, in the hub's order; each pattern that must match does."""
    there = {sibling.rfilename: sibling for sibling in siblings}
    for pattern in source.files:
        if not any(fnmatchcase(name, pattern) for name in there):
            raise NotOnServer(f"{source.page} {pattern}")
    patterns = (*source.files, *source.optional)
    chosen = [name for name in there if any(fnmatchcase(name, each) for each in patterns)]
    for name in chosen:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            raise CorruptDownload(source.repository, f"it names a file {name!r}")
    return [there[name] for name in chosen]
