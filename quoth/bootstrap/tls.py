"""Whether the server speaks https, and with which certificate."""

import logging
import re
import socket
import threading
import time
from ipaddress import ip_address, ip_network
from typing import Any

import psutil

from quoth.adapters.tls.self_made import FOLDER, NETWORKS, SelfMadeCertificate
from quoth.adapters.tls.serving import ServedCertificate
from quoth.config import Settings
from quoth.domain.errors import InvalidParameter, QuothError

LOOK_SECONDS = 12 * 3600.0
"""How often a self-made certificate is looked at while the server runs."""
_HOST = re.compile(
    r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_NETWORKS = tuple(ip_network(each) for each in NETWORKS)

log = logging.getLogger(__name__)


def tls_options(settings: Settings) -> dict[str, Any]:
    """Return what uvicorn is to be told; nothing where the server speaks plain http.

    Raises:
        InvalidParameter: if settings contradict one another.
        MissingTool, UnusableCertificate, UnusableFolder: if there is no certificate to be had.
    """
    if settings.tls_key is not None and settings.tls_cert is None:
        raise InvalidParameter("TLS_KEY", "needs the certificate it is the key of: TLS_CERT")
    if settings.tls_cert is not None:
        if settings.tls:
            raise InvalidParameter("TLS_CERT", "is not shown with TLS, which makes one: choose")
        served = ServedCertificate(settings.tls_cert, settings.tls_key)
    elif settings.tls:
        served = ServedCertificate(_self_made(settings).server, None)
    else:
        return {}
    return {"ssl_context_factory": lambda _config, _default: served.context}


def _self_made(settings: Settings) -> SelfMadeCertificate:
    made = SelfMadeCertificate(
        settings.quoth_data / FOLDER, host_names(settings.tls_names), home_addresses()
    )
    made.renew(time.time())
    log.info("Devices that trust %s open this server without a warning", made.authority)
    threading.Thread(target=_keep_fresh, args=(made,), name="certificate", daemon=True).start()
    return made


def _keep_fresh(made: SelfMadeCertificate) -> None:
    """Renew a certificate before it ends, for as long as the server runs."""
    while True:
        time.sleep(LOOK_SECONDS)
        try:
            made.renew(time.time())
        except QuothError as error:
            log.warning("%s", error)


def host_names(further: str) -> tuple[str, ...]:
    """Return the names of this machine, `localhost` last, with those a setting adds.

    Raises:
        InvalidParameter: if the setting has what is no name.
    """
    own = socket.gethostname().lower().rstrip(".")
    asked = [name.strip().lower() for name in further.split(",") if name.strip()]
    for name in asked:
        if not _HOST.fullmatch(name):
            raise InvalidParameter("TLS_NAMES", f"has {name!r}, which is no name of a machine")
    if not _HOST.fullmatch(own):
        return tuple(dict.fromkeys([*asked, "localhost"]))
    first = own.partition(".")[0]
    return tuple(dict.fromkeys([own, first, f"{first}.local", *asked, "localhost"]))


def home_addresses() -> tuple[str, ...]:
    """Return the addresses of this machine that a home network or Tailscale gave it."""
    found = {"127.0.0.1", "::1"}
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family in {socket.AF_INET, socket.AF_INET6}:
                address = ip_address(each.address.partition("%")[0])
                if any(
                    address in network
                    for network in _NETWORKS
                    if network.version == address.version
                ):
                    found.add(str(address))
    return tuple(sorted(found))
