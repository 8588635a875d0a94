"""The HTTP service: its object graph, its address, its end."""

import logging
import os
import signal
import sys

import uvicorn
from fastapi import FastAPI

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.api.app import create_app
from quoth.api.service import Service, ServiceLimits
from quoth.auth.access import Access
from quoth.bootstrap.access import build_access
from quoth.bootstrap.jobs import JobService, build_jobs
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings

SHUTDOWN_SECONDS = 5
INTERRUPTED = 130
STARTUP_FAILED = 3

log = logging.getLogger(__name__)


def build_app(installation: Installation, jobs: JobService, access: Access) -> FastAPI:
    """Return the application on an installation and its jobs."""
    settings = installation.settings
    limits = ServiceLimits(
        settings.max_concurrent, settings.max_upload_bytes, settings.keepalive_seconds
    )
    uploads = FileUploads(
        DiskSpace(settings.quoth_data / "uploads", settings.min_free_disk_bytes),
        settings.max_upload_bytes,
        settings.upload_expiry_hours * 3600,
    )
    service = Service(installation, limits, installation.workspaces.make, uploads, jobs.jobs)
    return create_app(service, access, settings.edge_port)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop.

    Raises:
        EngineUnavailable, MissingTool: if something it needs is missing.
        DataInUse: if another server works on the same data folder.
        DatabaseUnavailable: if the database for jobs cannot be used.
    """
    access = build_access(settings)
    installation = Installation(settings)
    jobs = build_jobs(settings, installation)
    installation.workspaces.sweep()
    # uvicorn sends itself the signal again when it is done: what follows it has to happen, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = build_app(installation, jobs, access)
    jobs.start()
    status = _run(app, settings, host, port)
    # Jobs under way are dropped where they are: their last finished step is on disk, and the next
    # start goes on from there. Nothing waits for them, so nothing may run on.
    jobs.stop()
    installation.close()
    logging.shutdown()
    os._exit(status)


def _run(app: FastAPI, settings: Settings, host: str, port: int) -> int:
    """Answer requests until told to stop; return the status to end with."""
    config = _listener(app, host, port)
    server = uvicorn.Server(config)
    try:
        if settings.edge_port is None:
            server.run()
        else:
            edge = _listener(app, settings.edge_host, settings.edge_port)
            server.run([config.bind_socket(), edge.bind_socket()])
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:
        log.exception("The server ended")
        return 1
    return 0 if server.started else STARTUP_FAILED


def _listener(app: FastAPI, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        server_header=False,
        proxy_headers=False,  # the other end of the socket is who asks, whatever headers say
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
