"""The HTTP service: its object graph, its address, its end."""

import ipaddress
import signal
import sys

import uvicorn
from fastapi import FastAPI

from quoth.adapters.storage.disk_space import DiskSpace
from quoth.adapters.storage.uploads import FileUploads
from quoth.api.app import create_app
from quoth.api.origins import LOOPBACK_NAMES
from quoth.api.service import Service, ServiceLimits
from quoth.bootstrap.recognisers import Installation
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter

SHUTDOWN_SECONDS = 5


def check_host(host: str, *, allow_unauthenticated: bool) -> None:
    """Refuse an address others can reach, as long as nobody is asked who they are.

    Raises:
        InvalidParameter: if the host is not this machine alone and that was not allowed.
    """
    if allow_unauthenticated or _is_loopback(host):
        return
    raise InvalidParameter(
        "host",
        f"{host} can be reached by others, and this version asks nobody for a key. Bind 127.0.0.1 "
        "(the default), or add --allow-unauthenticated if everybody who can reach it may use it",
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def build_app(installation: Installation, host: str) -> FastAPI:
    """Return the application on an installation that listens on a host."""
    settings = installation.settings
    limits = ServiceLimits(
        settings.max_concurrent, settings.max_upload_bytes, settings.keepalive_seconds
    )
    uploads = FileUploads(
        DiskSpace(settings.quoth_data / "uploads", settings.min_free_disk_bytes),
        settings.max_upload_bytes,
        settings.upload_expiry_hours * 3600,
    )
    service = Service(installation, limits, installation.workspaces.make, uploads)
    return create_app(service, LOOPBACK_NAMES | {host} if _is_loopback(host) else None)


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop.

    Raises:
        EngineUnavailable, MissingTool: if something it needs is missing.
    """
    installation = Installation(settings)
    installation.workspaces.sweep()
    # uvicorn sends itself the signal again when it is done: what follows it has to happen, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        uvicorn.run(
            build_app(installation, host),
            host=host,
            port=port,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
    finally:
        installation.close()
