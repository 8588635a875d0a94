"""The HTTP service: its object graph, its address, its end."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from fastapi import FastAPI

from quoth.api.app import create_app
from quoth.api.connections import Connections
from quoth.api.service import Service, ServiceLimits
from quoth.auth.access import Access
from quoth.auth.limits import Limits
from quoth.bootstrap.access import build_access, build_connections, build_limits, first_key
from quoth.bootstrap.fleet import Role, Skills
from quoth.bootstrap.http import Listeners, bind, serve_http
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.bootstrap.live import live_equipment, live_limits
from quoth.bootstrap.recognisers import Installation
from quoth.bootstrap.remote import RemoteInstallation
from quoth.bootstrap.tls import tls_options
from quoth.bootstrap.uploads import open_uploads
from quoth.config import Settings
from quoth.domain.access_errors import UnusableKeys
from quoth.domain.job_errors import NoDatabase

SHUTDOWN_SECONDS = 5
INTERRUPTED = 130

log = logging.getLogger(__name__)


def build_app(
    installation: Installation | RemoteInstallation,
    jobs: JobService,
    access: Access,
    limits: Limits,
) -> FastAPI:
    """Return the application on an installation and its jobs."""
    settings = installation.settings
    taken_on = ServiceLimits(
        settings.max_concurrent,
        settings.max_upload_bytes,
        settings.keepalive_seconds,
        live=live_limits(settings),
    )
    uploads = open_uploads(settings)
    equipment = live_equipment(jobs.jobs.manage, uploads, settings.quoth_data)
    service = Service(
        installation, taken_on, installation.workspaces.make, uploads, jobs.jobs, equipment
    )
    return create_app(service, access, limits, settings.edge_port)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop.

    Raises:
        EngineUnavailable, MissingTool: if something it needs is missing.
        DataInUse: if another server works on the same data folder.
        DatabaseUnavailable: if the database for jobs cannot be used.
        UnusableCertificate: if it is to speak https and has no certificate for it.
    """
    _tell_first_key(settings)
    access, limits = build_access(settings), build_limits(settings)
    tls = tls_options(settings)
    installation, jobs = installation_and_jobs(settings)
    app = build_app(installation, jobs, access, limits)
    edge = None if settings.edge_port is None else (settings.edge_host, settings.edge_port)
    work(app, jobs, installation.close, Address(host, port, tls, edge, build_connections(settings)))


def installation_and_jobs(
    settings: Settings,
) -> tuple[Installation | RemoteInstallation, JobService]:
    """Put together what recognises, here or elsewhere, and the jobs.

    Raises:
        NoDatabase: if it is to be elsewhere and there is nothing that both share.
    """
    if settings.engine == "none":
        if settings.database_url is None:
            raise NoDatabase
        remote = RemoteInstallation(settings)
        jobs = build_jobs(settings, remote, role=Role.API)
        remote.routing, remote.jobs = jobs.routing, jobs.jobs
        return remote, jobs
    installation = Installation(settings)
    skills = Skills(installation.installed(), installation.diarizer)
    jobs = build_jobs(settings, installation, skills=skills)
    installation.workspaces.sweep()
    return installation, jobs


def _tell_first_key(settings: Settings) -> None:
    """Make and show a container's first key; where none can be kept, say how to get one in."""
    try:
        secret = first_key(settings)
    except UnusableKeys as error:
        log.warning("No key could be made: %s", error)
        return
    if secret is not None:  # to where a container's owner looks, and to no file of logs of ours
        sys.stderr.write(f"The first key, with all scopes, shown this once: {secret}\n")
        sys.stderr.flush()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens.

    Args:
        host: an address, or a name of this machine.
        port: of it.
        tls: uvicorn's options for https; none for http.
        edge: host and port of a second listener, where everybody needs a key, in http.
        connections: holds them to limits.
    """

    host: str
    port: int
    tls: Mapping[str, Any] = field(default_factory=dict)
    edge: tuple[str, int] | None = None
    connections: Connections | None = None


def work(app: FastAPI, jobs: JobService, close: Callable[[], None], address: Address) -> NoReturn:
    """Do jobs and answer requests until told to stop; the process ends with it.

    Args:
        app: answers requests.
        jobs: what is taken up, and dropped at the end.
        close: ends what does the work.
        address: where to listen.
    """
    # uvicorn sends itself the signal again when it is done: what follows it has to happen, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        listeners = bind(address.host, address.port, address.edge)  # or no job is touched
        jobs.start()
        status = answer_requests(app, address, listeners)
    except SystemExit as ending:  # which may come before uvicorn listens to signals itself
        status = ending.code if isinstance(ending.code, int) else 0
    except KeyboardInterrupt:
        status = INTERRUPTED
    # Jobs under way are dropped where they are: their last finished step is on disk, and the next
    # start goes on from there. Nothing waits for them, so nothing may run on.
    jobs.stop()
    close()
    logging.shutdown()
    os._exit(status)


def answer_requests(app: FastAPI, address: Address, listeners: Listeners) -> int:
    """Answer requests until told to stop; return the status to end with.

    Raises:
        SystemExit, KeyboardInterrupt: as uvicorn does when it was told to.
    """
    try:
        serve_http(
            app,
            listeners,
            address.connections,
            host=address.host,
            port=address.port,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            **address.tls,
        )
    except Exception:
        log.exception("The server ended")
        return 1
    return 0
