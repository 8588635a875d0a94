"""Fetches a source of the catalogue: files of the hub, or an archive and what is in it."""

from pathlib import Path

import httpx2

from quoth import __version__
from quoth.adapters.weights.archive import unpack
from quoth.adapters.weights.download import Downloader, Patience, Refused, RemoteFile
from quoth.adapters.weights.hub import NOT_FOUND, Hub
from quoth.domain.catalogue import HubSource, Model, PackagedSource, ReleaseSource, Source
from quoth.domain.model_errors import NotOnServer, ServerRefused, Unreachable
from quoth.domain.model_locks import LockedFile, LockedSource, Step, Transfer
from quoth.ports.model_store import Observe

CONNECT_SECONDS = 20.0
SILENT_SECONDS = 60.0
"""A server that sends nothing for so long counts as gone."""
UNPACKED_SLACK = 1.1
"""The catalogue's sizes are approximate; an archive may unpack to a tenth more."""


class WeightsFetcher:
    """Fulfils `ModelFetcher`.

    Args:
        endpoint: of the hub; None takes `HF_ENDPOINT`, else huggingface.co.
        patience: with servers that are busy or gone.
    """

    def __init__(self, endpoint: str | None = None, patience: Patience | None = None) -> None:
        self._hub = Hub(endpoint, patience)
        self._patience = patience

    def fetch(self, model: Model, source: Source, folder: Path, observe: Observe) -> LockedSource:
        """Bring the files of a source into a folder; see `ModelFetcher`."""
        if isinstance(source, PackagedSource):
            raise TypeError(f"{model.name} comes in a package")
        with _client() as client:
            downloader = Downloader(client, self._patience)
            if isinstance(source, HubSource):
                return self._from_hub(model, source, folder, downloader, observe)
            return _from_archive(model, source, folder, downloader, observe)

    def _from_hub(
        self,
        model: Model,
        source: HubSource,
        folder: Path,
        downloader: Downloader,
        observe: Observe,
    ) -> LockedSource:
        snapshot = self._hub.snapshot(model, source)
        count = _Counts(sum(file.size_bytes for file in snapshot.files), observe)
        files = []
        for remote in snapshot.files:
            try:
                sha256 = downloader.fetch(remote, folder, count.received, count.checked)
            except Refused as refused:
                raise self._hub.explain(model, source, refused) from refused
            files.append(LockedFile(remote.name, remote.size_bytes, sha256))
            count.before += remote.size_bytes
        return LockedSource(source.page, snapshot.revision, tuple(files))


def _client() -> httpx2.Client:
    """Return a client that takes HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE from the environment."""
    try:
        return httpx2.Client(
            follow_redirects=True,
            timeout=httpx2.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
            headers={"User-Agent": f"quoth/{__version__}"},
        )
    except (ValueError, httpx2.InvalidURL) as error:
        raise Unreachable("The proxy", str(error)) from error


class _Counts:
    """Adds the files that are done to what is reported of the one at hand."""

    def __init__(self, total_bytes: int, observe: Observe) -> None:
        self.before = 0
        self._total_bytes = total_bytes
        self._observe = observe

    def received(self, done_bytes: int) -> None:
        self._report(Step.DOWNLOAD, done_bytes)

    def checked(self, done_bytes: int) -> None:
        self._report(Step.CHECK, done_bytes)

    def _report(self, step: Step, done_bytes: int) -> None:
        self._observe(Transfer(step, self.before + done_bytes, self._total_bytes))


def _from_archive(
    model: Model,
    source: ReleaseSource,
    folder: Path,
    downloader: Downloader,
    observe: Observe,
) -> LockedSource:
    name = source.url.rsplit("/", maxsplit=1)[-1]
    remote = RemoteFile(name, source.url, source.archive_bytes, source.sha256.value)
    count = _Counts(source.archive_bytes, observe)
    try:
        downloader.fetch(remote, folder, count.received, count.checked)
    except Refused as refused:
        if refused.status == NOT_FOUND:
            raise NotOnServer(source.url) from refused
        raise ServerRefused(source.url, refused.status) from refused
    total = model.installed_bytes
    files = unpack(
        folder / name,
        source.members,
        folder,
        int(total * UNPACKED_SLACK),
        lambda done: observe(Transfer(Step.UNPACK, done, max(total, done))),
    )
    (folder / name).unlink()
    return LockedSource(source.page, source.sha256.value, files)
